import { decodeRecords } from './decode_records.ts';
import { encodeProduce } from './encode_produce.ts';
import { groupMessages } from './group_messages.ts';
import { selectMessages } from './select_messages.ts';

/** The steps of sending and reading that take kafkajs most of its time, each with the same results in less of it. */
const recordCodec = { groupMessages, encodeProduce, decodeRecords, selectMessages };

/** Has kafkajs call our steps. Throws if it is not the patched one: only that one looks at its RecordCodec. */
export function setRecordCodec(kafkajs: object): void {
  const { RecordCodec } = kafkajs as { RecordCodec?: object };
  const isPatched = RecordCodec !== undefined && Object.keys(recordCodec).every((step) => step in RecordCodec);
  if (!isPatched) {
    throw new Error(
      'the installed kafkajs is not patched as patches/ has it: run "npm run patches" (if that fails, "npm ci" first)',
    );
  }
  Object.assign(RecordCodec, recordCodec);
}
