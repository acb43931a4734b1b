import kafkajs from 'kafkajs';
import { expect, test } from 'vitest';
import { kafkajsModule } from '../../../../test/support/kafkajs.ts';
import { setRecordCodec } from './codec.ts';
import { decodeRecords } from './decode_records.ts';
import { encodeProduce } from './encode_produce.ts';
import { groupMessages } from './group_messages.ts';
import { selectMessages } from './select_messages.ts';

test('the installed kafkajs is patched, and looks at the codec that is set', () => {
  setRecordCodec(kafkajs);
  expect(kafkajsModule('recordCodec')).toEqual({ groupMessages, encodeProduce, decodeRecords, selectMessages });
});

test('a kafkajs without the patch, or with an older one, is refused', () => {
  const older = { groupMessages: null, encodeProduce: null };
  for (const other of [{}, { RecordCodec: older }]) {
    expect(() => setRecordCodec(other)).toThrow(/kafkajs is not patched .* "npm run patches"/);
  }
  expect(older).toEqual({ groupMessages: null, encodeProduce: null });
});
