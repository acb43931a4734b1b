import type { Arrived } from '../../infra/clients/kafkajs/read_message.ts';
import type { Records } from '../../infra/clients/kafkajs/records.ts';
import { kafkajsModule } from '../../infra/clients/kafkajs/replace.ts';

interface Decoder {
  readVarIntBytes(): Buffer;
}
const Decoder = kafkajsModule('protocol/decoder') as new (bytes: Buffer) => Decoder;
const decodeRecord = kafkajsModule('protocol/recordBatch/record/v0/decoder') as (
  decoder: Decoder,
  batch: { firstOffset: string; firstTimestamp: string },
) => { offset: string; key: Buffer | null; value: Buffer | null };

/** The records as kafkajs would read them. */
export function readBack({ value, length }: Records): ReturnType<typeof decodeRecord>[] {
  const decoder = new Decoder(value);
  const batch = { firstOffset: '0', firstTimestamp: '0' };
  return Array.from({ length }, () => decodeRecord(new Decoder(decoder.readVarIntBytes()), batch));
}

/** A message as the consumer gets it: its value is a range of a larger buffer. */
export function arrived({
  offset,
  arrivedMs,
  value,
}: {
  offset: number;
  arrivedMs: number;
  value: Buffer | null;
}): Arrived {
  const [before, behind] = [Buffer.from('before'), Buffer.from('behind')];
  const bytes = Buffer.concat([before, value ?? Buffer.alloc(0), behind]);
  return { bytes, valueStart: before.length, valueLength: value?.length ?? -1, arrivedMs, offsetNumber: offset };
}
