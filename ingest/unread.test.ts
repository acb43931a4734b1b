import { appendFileSync, copyFileSync, readFileSync, renameSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clickOf, IngestSite, sentOnce, users } from '../test/support/ingest_site.ts';
import { unreadBytes } from './unread.ts';

const unread = (site: IngestSite): Promise<number> =>
  unreadBytes({ dataDir: site.dataDir, logGlob: join(site.dataDir, 'logs', '*.log') }, Date.now());

const journal = (site: IngestSite): string =>
  readFileSync(join(site.dataDir, 'ingest', 'checkpoints', 'journal.jsonl'), 'utf8');

test('bytes after the checkpoints are unread, with a monitor and without one; reading them changes nothing', async () => {
  const site = new IngestSite();
  expect(await unread(site)).toBe(0);
  site.append('a.log', ...users(0, 10));
  site.append('b.log', ...users(10, 15));
  expect(await unread(site)).toBe(statSync(site.path('a.log')).size + statSync(site.path('b.log')).size);
  const monitor = await site.start();
  await sentOnce(site, users(0, 15));
  await expect.poll(() => unread(site)).toBe(0);
  await monitor.stop();

  const before = journal(site);
  site.append('a.log', ...users(15, 17));
  appendFileSync(site.path('b.log'), 'half');
  const added = 2 * (clickOf('user 15').length + 1) + 'half'.length;
  expect(await unread(site)).toBe(added);
  renameSync(site.path('a.log'), site.path('a.log.1'));
  expect(await unread(site)).toBe(added);
  expect(journal(site)).toBe(before);
});

test('a log that was copied and truncated meanwhile is unread from its position in the copy', async () => {
  const site = new IngestSite();
  site.append('a.log', ...users(0, 10));
  const monitor = await site.start();
  await sentOnce(site, users(0, 10));
  await expect.poll(() => unread(site)).toBe(0);
  await monitor.stop();
  site.append('a.log', 'more');
  copyFileSync(site.path('a.log'), site.path('a.log.1'));
  truncateSync(site.path('a.log'));
  expect(await unread(site)).toBe(clickOf('more').length + 1);
});
