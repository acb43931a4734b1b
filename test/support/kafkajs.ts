import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';
import { setRecordCodec } from '../../infra/clients/kafka/codec/codec.ts';
import type { Arrived, Records } from '../../infra/clients/kafka.ts';

const require = createRequire(import.meta.url);

/** A module inside kafkajs. */
export const kafkajsModule = (name: string): unknown => require(`kafkajs/src/${name}`);

/** What kafkajs does with our codec, as everywhere in the program. */
export function withCodec<T>(call: () => T): T {
  setRecordCodec(kafkajs);
  return call();
}

/** What kafkajs does by itself. It looks for a codec before it waits for anything, so one call is enough. */
export function withoutCodec<T>(call: () => T): T {
  const { RecordCodec } = kafkajs as unknown as { RecordCodec: Record<string, unknown> };
  for (const step of Object.keys(RecordCodec)) RecordCodec[step] = null;
  try {
    return call();
  } finally {
    setRecordCodec(kafkajs);
  }
}

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
