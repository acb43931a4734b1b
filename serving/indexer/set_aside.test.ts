import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../domain/ad_minutes.ts';
import { MESSAGE_VERSION, NewerVersionError } from '../../domain/message_version.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { setAsideSample } from '../../test/support/set_aside.ts';
import { NONE_SET_ASIDE, readSetAside, settleSetAside } from '../documents/set_aside.ts';
import { createSetAside, readMessages, withSetAside } from './set_aside.ts';

test('messages that cannot be read are told from those that can, each in its order', () => {
  const right = { kind: 'run-current' as const, day: '2021-01-01', run: 1, seq: 2 };
  const raw = ['{"kind":', encodeMessage(right), '{"kind":"weeks"}', null].map((text, i) => {
    return { offset: String(7 + i), value: text === null ? null : Buffer.from(text) };
  });
  const { readable, unreadable } = readMessages(raw, decodeMessage);
  expect(readable).toEqual([right]);
  expect(unreadable.map(({ offset }) => offset)).toEqual([7, 9, 10]);
  expect(unreadable[0]).toEqual({
    offset: 7,
    value: raw[0]?.value,
    reason: 'not a message of ad-minutes: not JSON: {"kind":',
  });
});

test('a message of a later release is neither: whoever meets it stops', () => {
  const raw = ['{"kind":', `{"kind":"weeks","v":${MESSAGE_VERSION + 1}}`].map((text, i) => {
    return { offset: String(7 + i), value: Buffer.from(text) };
  });
  expect(() => readMessages(raw, decodeMessage)).toThrow(NewerVersionError);
  expect(() => readMessages(raw, decodeMessage)).toThrow(/^offset 8: a message of version/);
});

test('a decoder that fails for another reason is a failure, and not the fault of the message', () => {
  const broken = () => {
    throw new TypeError('x is not a function');
  };
  expect(() => readMessages([{ offset: '0', value: null }], broken)).toThrow(TypeError);
});

test('what is set aside is kept once, and the first of very many', () => {
  const once = withSetAside(NONE_SET_ASIDE, [setAsideSample(1), setAsideSample(2)]);
  expect(once).toEqual({ total: 2, messages: [setAsideSample(1), setAsideSample(2)] });
  expect(withSetAside(once, [setAsideSample(2)])).toBe(once);
  expect(
    withSetAside(once, [
      { ...setAsideSample(2), topic: 'ad-tops' },
      { ...setAsideSample(2), partition: 1 },
    ]).total,
  ).toBe(4);
  const many = withSetAside(
    once,
    Array.from({ length: 1_000 }, (_, i) => setAsideSample(3 + i)),
  );
  expect(many.total).toBe(1_002);
  expect(many.messages.map(({ offset }) => offset)).toEqual(Array.from({ length: 20 }, (_, i) => 1 + i));
});

/** An index that has one document at most. */
function fakeIndex() {
  const index: { document: unknown } = { document: null };
  const put = async ({ document }: { document: unknown }): Promise<void> => {
    index.document = document;
  };
  const elasticsearch = {
    get: async () => ({ _source: index.document, _seq_no: 1, _primary_term: 1 }),
    index: put,
    create: put,
  } as unknown as ElasticsearchClient;
  return { index, elasticsearch };
}

function recording() {
  const lines: string[] = [];
  return { log: pino({}, { write: (line: string) => void lines.push(line) }), lines };
}

test('what is set aside is on record, in the log and counted, and the record stays small', async () => {
  const { elasticsearch } = fakeIndex();
  const { log, lines } = recording();
  const metrics = new Registry();
  const setAside = createSetAside({ elasticsearch, stateIndex: 'state', log, metrics });
  const large = Buffer.alloc(1_000_000, 'x');
  await setAside('ad-minutes', 3, [{ offset: 42, value: large, reason: 'no day' }]);
  const { total, messages } = await readSetAside(elasticsearch, 'state');
  expect(total).toBe(1);
  expect(messages).toMatchObject([
    { topic: 'ad-minutes', partition: 3, offset: 42, reason: 'no day', size: 1_000_000 },
  ]);
  expect(Buffer.from(messages[0]?.bytes ?? '', 'base64')).toEqual(large.subarray(0, 16 * 1024));
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0] ?? '');
  expect(line).toMatchObject({ level: 50, topic: 'ad-minutes', partition: 3, offset: 42, reason: 'no day' });
  expect(line.msg).toContain('offset 42 of ad-minutes, partition 3, cannot be read');
  expect(line.msg).toContain('./clickledger set-aside');
  expect(await metrics.metrics()).toContain('clickledger_indexer_set_aside_total{topic="ad-minutes"} 1');
});

test('what cannot be put on record is no message that was set aside', async () => {
  const { elasticsearch } = fakeIndex();
  const { log, lines } = recording();
  const metrics = new Registry();
  const full = {
    ...elasticsearch,
    index: () => Promise.reject(new Error('full')),
    create: () => Promise.reject(new Error('full')),
  };
  const setAside = createSetAside({
    elasticsearch: full as unknown as ElasticsearchClient,
    stateIndex: 'state',
    log,
    metrics,
  });
  await expect(setAside('ad-minutes', 3, [{ offset: 42, value: null, reason: 'no day' }])).rejects.toThrow('full');
  expect(lines).toEqual([]);
});

test('what was looked at is settled, and nothing that came since', async () => {
  const { index, elasticsearch } = fakeIndex();
  const seen = withSetAside(NONE_SET_ASIDE, [setAsideSample(1)]);
  index.document = withSetAside(seen, [setAsideSample(2)]);
  expect(await settleSetAside(elasticsearch, 'state', seen)).toBe(2);
  expect(index.document).toEqual(withSetAside(seen, [setAsideSample(2)]));
  index.document = seen;
  expect(await settleSetAside(elasticsearch, 'state', seen)).toBe(0);
  expect(await readSetAside(elasticsearch, 'state')).toEqual(NONE_SET_ASIDE);
});
