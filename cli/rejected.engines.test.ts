import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { TOPICS } from '../domain/names.ts';
import type { RedriveResult } from '../domain/run_request.ts';
import { createClickHouse, rows } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { connectProducer, createKafka, type Producer } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { rejectedAnswer, requestProgress } from '../serving/api/contract/answers.ts';
import { askApi, clickledger, clickledgerJson } from '../test/support/client.ts';
import { lineOfRejected, rejectedLine } from '../test/support/rejected.ts';
import { eventually } from '../test/support/wait.ts';

const env = inject('env');
const config = readConfig(env);
const urls = engineUrls(config);
const clickhouse = createClickHouse(urls.clickhouse);
let producer: Producer;

beforeAll(async () => {
  producer = await connectProducer(createKafka(urls.kafka, 'rejected-test', createLog('rejected-test')));
});
afterAll(async () => {
  await Promise.all([producer.disconnect(), clickhouse.close()]);
});

describe('clickledger rejected', () => {
  interface Listed {
    reasons: { reason: string; count: number; redriven: number; example: string }[];
    rejected: { rejection: string; reason: string; line?: string; redriven: boolean }[];
  }

  test('lists what the log monitor rejected, and re-drives what is now a valid click', {
    timeout: 300_000,
  }, async () => {
    const ad = `rejected-cli-${randomUUID().slice(0, 8)}`;
    const bad = `[AdClickEvent] ${ad}, 2007-02-01 00:00:00, user 1, 10.0.0.1, UNITED STATES`;
    appendFileSync(join(config.dataDir, 'logs', `${ad}.log`), `${bad}\n`);
    const good = rejectedLine(1, lineOfRejected(ad, 1));
    await producer.send({ topic: TOPICS.rejected, messages: [{ ...good, key: `${ad}:g:1` }] });
    const mine = async (): Promise<Listed['rejected']> => {
      const { rejected } = await clickledgerJson<Listed>(env, 'rejected', '--reason', 'bad_country', '--limit', '999');
      return rejected.filter(({ line }) => line?.includes(ad));
    };
    await eventually('both in the list', async () => (await mine()).length === 2);
    const byReason = await clickledgerJson<Listed>(env, 'rejected');
    const before = byReason.reasons.find(({ reason }) => reason === 'bad_country');
    expect(before?.count).toBeGreaterThanOrEqual(2);
    expect((await clickledger(env, 'rejected')).stdout).toMatch(
      /^ {2}reason +count +re-driven .*\n(.*\n)* {2}bad_country /,
    );

    const first = await clickledgerJson<RedriveResult>(env, 'rejected', '--redrive', '--reason', 'bad_country');
    expect(first).toMatchObject({ sent: 1, still_rejected: { bad_country: expect.any(Number) } });
    const again = await clickledgerJson<RedriveResult>(env, 'rejected', '--redrive', '--reason', 'bad_country');
    expect(again).toMatchObject({ sent: 0, settled_before: 1 });
    expect((await mine()).map(({ line, redriven }) => [line, redriven])).toEqual(
      expect.arrayContaining([
        [bad, false],
        [lineOfRejected(ad, 1), true],
      ]),
    );
    const clicksOfAd = async (): Promise<number | undefined> => {
      const [row] = await rows<{ clicks: number }>(
        clickhouse,
        'SELECT count() AS clicks FROM ads.clicks WHERE ad_id = {ad:String}',
        { ad },
      );
      return row?.clicks;
    };
    await eventually('the click is counted', async () => (await clicksOfAd()) === 1);
  });

  test('the API lists the same, and has the nightly role re-drive', { timeout: 300_000 }, async () => {
    const ad = `rejected-api-${randomUUID().slice(0, 8)}`;
    const good = rejectedLine(2, lineOfRejected(ad, 2), 'bad_ip');
    await producer.send({ topic: TOPICS.rejected, messages: [{ ...good, key: `${ad}:g:2` }] });
    const mine = async () => {
      const answer = rejectedAnswer.parse(await askApi(env, '/v1/rejected?reason=bad_ip&limit=1000'));
      return answer.rejected.filter(({ line }) => line?.includes(ad));
    };
    expect(await eventually('it in the list', async () => (await mine()).length > 0 && mine())).toMatchObject([
      { rejection: `${ad}:g:2`, reason: 'bad_ip', line: lineOfRejected(ad, 2), redriven: false },
    ]);
    const asked = await fetch(`http://127.0.0.1:${env.API_PORT}/v1/rejected/redrive`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rejected_for: 'bad_ip', reason: 'the rule was wrong', who: 'carol' }),
    });
    const { progress } = (await asked.json()) as { progress: string };
    const done = await eventually(
      'the re-drive',
      async () => {
        const found = requestProgress.parse(await askApi(env, progress));
        return found.state === 'done' && found;
      },
      120_000,
    );
    expect(done).toMatchObject({ action: 'redrive', rejected_for: 'bad_ip', requested_by: 'carol (api)', from: null });
    expect(done.redriven?.sent).toBeGreaterThanOrEqual(1);
    expect(await mine()).toMatchObject([{ redriven: true }]);
  });

  test.each([
    [['--reason', 'nonsense'], /nonsense.*Allowed choices are.*bad_ip/],
    [['--limit', '0'], /whole number/],
    [['--redrive', '--limit', '5'], /cannot be used with/],
  ])('%j is refused with a clear line', async (args, said) => {
    const { code, stdout, stderr } = await clickledger(env, 'rejected', ...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(said);
    expect(stdout).toBe('');
  });
});
