import { type BatchContext, LazyMessage, type RecordBatch } from './lazy_message.ts';
import { VarInts } from './var_int.ts';

const LOG_APPEND_TIME = 1;

/** The records of a batch, of each only where it stands: kafkajs makes buffers and big integers for each of them. */
export function decodeRecords(
  bytes: Buffer,
  count: number,
  context: BatchContext,
  decodeRecord: RecordBatch['decodeRecord'],
): LazyMessage[] {
  const batch = { bytes, context, decodeRecord };
  const firstOffset = Number(context.firstOffset);
  const isAppendTime = context.timestampType === LOG_APPEND_TIME;
  const firstTimestamp = Number(isAppendTime ? context.maxTimestamp : context.firstTimestamp);
  const numbers = new VarInts(bytes);
  const messages: LazyMessage[] = new Array(count);
  for (let i = 0; i < count; i++) {
    const size = numbers.read();
    const start = numbers.at;
    // Attributes, of which none is in use.
    numbers.at += 1;
    const timestampDelta = numbers.read();
    const offsetDelta = numbers.read();
    const keyLength = numbers.read();
    const keyStart = numbers.at;
    numbers.at += Math.max(0, keyLength);
    const valueLength = numbers.read();
    const message = new LazyMessage(batch, start, keyStart, numbers.at);
    message.keyLength = keyLength;
    message.valueLength = valueLength;
    message.offsetNumber = firstOffset + offsetDelta;
    message.arrivedMs = isAppendTime ? firstTimestamp : firstTimestamp + timestampDelta;
    messages[i] = message;
    numbers.at = start + size;
  }
  return messages;
}
