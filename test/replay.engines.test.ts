import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readStatus } from '../audit/status.ts';
import type { Replay } from '../batch/replay/record.ts';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { rows } from '../infra/clients/clickhouse.ts';
import { clickledger, count } from './support/client.ts';
import { append } from './support/kill.ts';
import { ReplaySite } from './support/replay.ts';
import { atTerminal } from './support/terminal.ts';
import { eventually } from './support/wait.ts';

const env = inject('env');
const site = new ReplaySite(env);
const LIMIT_MS = 900_000;
beforeAll(() => site.open());
afterAll(() => site.close());

test('a damaged day is restored, while clicks of it and of other days arrive', {
  timeout: LIMIT_MS,
}, async () => {
  const { startMs, day, next, facts } = await site.twoDays(600);
  await site.conserved();
  await site.damage(day);
  expect(await site.broken()).toEqual([
    'messages counted = raw rows + copies dropped + messages rejected',
    'raw rows = clicks in minutes by ad',
    'raw rows = clicks in minutes by minute',
  ]);
  // A sink that starts with the damaged tables remembers too little of what it counted.
  await site.killRole('realtime');
  const live = site.liveClicks('replay-live', [Date.now() - 600_000, startMs, startMs + DAY_MS, Date.now() - 600_000]);
  const { code, stdout, stderr } = await site.replay(day, next);
  const came = await live.end();
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  // For a program, progress is lines of JSON.
  const steps = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).msg);
  expect(steps).toEqual(expect.arrayContaining(['cloned', 'replaying']));
  await site.complete([...facts, ...came]);
  // Clicks that the sink had forgotten are sent again: they must count as duplicates.
  append(
    site.config,
    `replay-again-${day}`,
    facts.filter(({ id, at }) => id !== null && dayOf(at) === day).slice(0, 100),
  );
  await eventually('all is counted', async () => {
    const { stages } = await readStatus(site.config);
    return stages.every(({ name, lag }) => !['ingest', 'realtime'].includes(name) || lag === 0);
  });
  await site.complete([...facts, ...came]);
  await site.conserved();

  const done = JSON.parse(stdout) as Replay;
  const late = came.filter(({ at }) => dayOf(at) === day).length;
  expect(late).toBeGreaterThan(0);
  expect(done).toMatchObject({ state: 'done', from: day, to: next, reason: 'test' });
  expect(done.before?.raw_rows).toBeLessThan(600);
  expect(done.before?.clicks_by_ad).toBeGreaterThanOrEqual(1_200);
  expect(done.after?.raw_rows).toBeGreaterThanOrEqual(600);
  expect(done.after?.raw_rows).toBeLessThanOrEqual(600 + late);
  expect(done.after?.clicks_by_ad).toBe(done.after?.raw_rows);
  expect(done.after?.copies_dropped).toBeGreaterThanOrEqual(40);
  expect(JSON.parse(done.inputs)).toMatchObject({
    files: expect.any(Number),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(Object.keys(done.cut)).toHaveLength(site.config.partitions.click);

  // Elasticsearch had the correct count, and is not used any more.
  const [ad, end] = [`replay-${day}`, startMs + DAY_MS];
  const { count: answered, receipt } = await count(env, ad, startMs, end);
  expect([answered, receipt.sources, receipt.status]).toEqual([600, ['clickhouse'], 'provisional']);
  const listed = await clickledger(env, 'runs', '--date', day, '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject({ replays: [{ replay: done.replay, state: 'done' }] });
  expect((await clickledger(env, 'runs', '--date', next, '--json')).stdout).not.toContain('"state":"done"');

  const pauses = await rows<{ step: string; seconds: number }>(
    site.clickhouse,
    `SELECT step, dateDiff('millisecond', min(recorded_at), maxIf(recorded_at, released = 1)) / 1000 AS seconds
     FROM ads.sink_pauses WHERE replay = ${done.replay} GROUP BY step ORDER BY step`,
  );
  process.stdout.write(`the sink was paused: ${JSON.stringify(pauses)}\n`);
  expect(pauses.map(({ step }) => step)).toEqual(['clone', 'exchange']);
  for (const { seconds } of pauses) expect(seconds).toBeLessThan(20);
});

test('a replay and the sink survive a restart of ClickHouse; at a terminal one line moves, and what is said stays', {
  timeout: LIMIT_MS,
}, async () => {
  const { startMs, day, next, facts } = await site.twoDays(300);
  const range = ['--from', day, '--to', next, '--reason', 'test'];
  await site.damage(day);
  const first = atTerminal(env, 'replay', ...range);
  const pid = (await readStatus(site.config)).processes.find(({ name }) => name === 'clickhouse')?.pid;
  await eventually('the tables of a replay', async () => (await site.staged()).length > 0);
  if (pid) process.kill(pid, 'SIGKILL');
  const { code, left } = await first;
  expect([code, left.split('\n').at(-2)]).toEqual([1, expect.stringMatching(/^clickledger: /)]);
  await site.untilSinkResumes(`replay-after-${day}`);
  const again = await atTerminal(env, 'replay', ...range);
  expect(again.code).toBe(0);
  expect(new Set(again.line).size).toBeGreaterThan(2);
  expect(again.line).toContainEqual(expect.stringMatching(/^replay \d+: replaying, clicks \d+, of \d+/));
  expect(again.left).toMatch(
    new RegExp(
      `^replay \\d+ of ${day} to ${next} \\(exclusive\\) done, by .+: test\n +before +after\n  raw rows +\\d+ +300\n` +
        '(?:  .+\n){3}  from \\d+ archived files, [0-9a-f]{12}…\n$',
    ),
  );
  await site.complete(facts);
  await site.conserved();

  const rebuilt = await atTerminal(env, 'rebuild', '--event', 'click', ...range);
  expect(rebuilt.code).toBe(0);
  expect(new Set(rebuilt.line).size).toBeGreaterThan(2);
  expect(rebuilt.line).toContainEqual(expect.stringMatching(/^\d{4}-\d\d-\d\d run 1: inputs checked, /));
  expect(rebuilt.left).toMatch(new RegExp(`^${day} run 1 published: 300 clicks, .+; reconciliation: balanced\n$`));
  expect((await count(env, `replay-${day}`, startMs, startMs + DAY_MS)).receipt.status).toBe('final');
});

test('in the end every click of these tests is counted once', { timeout: LIMIT_MS }, async () => {
  await site.complete(site.written);
  await site.conserved();
});
