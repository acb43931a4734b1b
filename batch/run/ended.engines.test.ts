import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { TOPICS } from '../../domain/names.ts';
import { DAY_MS, dayOf } from '../../domain/time.ts';
import { createClickHouse } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { clockOf, connectProducer, createKafka, type Producer } from '../../infra/clients/kafka.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { readTimeForDays, requireEnded } from './ended.ts';

const urls = engineUrls(readConfig(inject('env')));
const clickhouse = createClickHouse(urls.clickhouse);
let producer: Producer;
beforeAll(async () => {
  producer = await connectProducer(createKafka(urls.kafka, 'ended-test', createLog('ended-test')));
});
afterAll(() => Promise.all([producer.disconnect(), clickhouse.close()]));
afterEach(() => vi.restoreAllMocks());

const engines = () => ({ clock: clockOf(producer, TOPICS.clock), clickhouse, allowedLatenessMs: 60_000 });
const trueMs = Date.now.bind(Date);
const day = (fromToday: number): string => dayOf(trueMs() + fromToday * DAY_MS);
const setHostAhead = (ms: number) => vi.spyOn(Date, 'now').mockImplementation(() => trueMs() + ms);

test('the broker says that today has not ended and yesterday has', async () => {
  await requireEnded(engines(), [day(-2), day(-1)]);
  await expect(requireEnded(engines(), [day(-1), day(0)])).rejects.toThrow(
    /has not ended yet by the clock of the broker/,
  );
});

test('a host two days ahead ends no day', async () => {
  setHostAhead(2 * DAY_MS);
  const { of, ms } = await readTimeForDays(engines());
  expect(of).toBe('the broker');
  expect(Math.abs(ms - trueMs())).toBeLessThan(60_000);
  await expect(requireEnded(engines(), [day(0)])).rejects.toThrow(/has not ended yet by the clock of the broker/);
});

test('days that have not ended for a host far behind wait, older ones do not', async () => {
  setHostAhead(-2 * DAY_MS);
  await expect(requireEnded(engines(), [day(-1)])).rejects.toThrow(/has not ended yet by the clock of this host/);
  await requireEnded(engines(), [day(-4)]);
});
