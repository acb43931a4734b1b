import { appendFileSync, copyFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clickOf, IngestSite, sentOnce, untilTrue } from '../test/support/ingest_site.ts';
import { readCheckpoints } from './checkpoint.ts';
import { resendLost } from './resend.ts';

const globOf = (site: IngestSite): string => join(site.dataDir, 'logs', '*.log');
const LINE_BYTES = clickOf('user 1').length + 1;

/** A log of five lines that were sent once, and what is sent again of those behind the first. */
async function sentSite() {
  const site = new IngestSite();
  site.append('a.log', 'user 1', 'user 2', 'user 3', 'user 4', 'user 5');
  const monitor = await site.start();
  await sentOnce(site, ['user 1', 'user 2', 'user 3', 'user 4', 'user 5']);
  await monitor.stop();
  const [generation] = readCheckpoints(site.dataDir).records.keys();
  const before = site.clicks.splice(0);
  const again = (isStored: (user: string) => boolean) =>
    resendLost({
      dataDir: site.dataDir,
      logGlob: globOf(site),
      since: new Map([[String(generation), LINE_BYTES]]),
      kinds: new Set(['click']),
      withRejected: true,
      topics: { partitionsOf: () => 8, canAnnotate: () => false },
      nowMs: Date.now(),
      takeStored: (_, identity) => isStored(/user \d/.exec(identity.toString('latin1'))?.[0] ?? ''),
      send: site.send,
    });
  return { site, before, again };
}

test('what is not stored is sent again as it was, up to where the log monitor had come', async () => {
  const { site, before, again } = await sentSite();
  site.append('a.log', 'user 6');
  const checkpoints = readCheckpoints(site.dataDir);
  const { sent, unreadable } = await again((user) => user === 'user 3');
  expect([sent, unreadable]).toEqual([{ click: 3, impression: 0, conversion: 0 }, []]);
  const missing = before.filter(({ user_id }) => ['user 2', 'user 4', 'user 5'].includes(user_id));
  expect(site.clicks.toSorted((a, b) => (a.user_id < b.user_id ? -1 : 1))).toEqual(
    missing.toSorted((a, b) => (a.user_id < b.user_id ? -1 : 1)),
  );
  expect(readCheckpoints(site.dataDir)).toEqual(checkpoints);
});

test.each<[string, (path: string) => void]>([
  [
    'renamed, with a new log in its place',
    (path) => {
      renameSync(path, `${path}.1`);
      appendFileSync(path, `${clickOf('user 7')}\n`);
    },
  ],
  [
    'copied and truncated',
    (path) => {
      copyFileSync(path, `${path}.1`);
      truncateSync(path, 0);
    },
  ],
])('a log that was %s while the log monitor waited is read where it is now', async (_, rotate) => {
  const { site, again } = await sentSite();
  rotate(site.path('a.log'));
  const { sent, unreadable } = await again(() => false);
  expect([sent.click, unreadable]).toEqual([4, []]);
  expect(site.users.toSorted()).toEqual(['user 2', 'user 3', 'user 4', 'user 5']);
});

test.each<[string, (path: string) => void]>([
  ['gone', (path) => rmSync(path)],
  ['shorter', (path) => truncateSync(path, 3 * LINE_BYTES)],
  ['another one', (path) => writeFileSync(path, 'x'.repeat(6 * LINE_BYTES))],
])('a log that is %s is named with the bytes that cannot be read again', async (_, change) => {
  const { site, again } = await sentSite();
  change(site.path('a.log'));
  const { sent, unreadable } = await again(() => false);
  expect(sent.click).toBe(0);
  expect(unreadable).toEqual([{ path: site.path('a.log'), from: LINE_BYTES, to: 5 * LINE_BYTES }]);
});

test.each([true, false])(
  'lines that were rejected are rejected again, under the same place, if asked for: %s',
  async (withRejected) => {
    const site = new IngestSite();
    appendFileSync(site.path('a.log'), 'no click\n');
    const monitor = await site.start();
    await untilTrue(() => expect(readCheckpoints(site.dataDir).records.values().next().value?.rejected).toBe(1));
    await monitor.stop();
    const [first] = site.rejected.splice(0);
    await resendLost({
      dataDir: site.dataDir,
      logGlob: globOf(site),
      since: new Map(),
      kinds: new Set(['click']),
      withRejected,
      topics: { partitionsOf: () => 8, canAnnotate: () => false },
      nowMs: Date.now(),
      takeStored: () => false,
      send: site.send,
    });
    const again = { offset: first?.offset, generation: (first as { generation?: string })?.generation };
    expect(site.rejected).toMatchObject(withRejected ? [again] : []);
  },
);
