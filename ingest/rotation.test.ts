import { appendFileSync, copyFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clickOf, IngestSite, sentOnce, untilTrue, users } from '../test/support/ingest_site.ts';
import { ingestTotals, noLines } from './checkpoint.ts';

/** Does what logrotate's copytruncate does. */
function copyTruncate(site: IngestSite, from: string, to: string): void {
  copyFileSync(site.path(from), site.path(to));
  truncateSync(site.path(from), 0);
}

describe('rotation by rename', () => {
  test('while the log is read', async () => {
    const site = new IngestSite();
    const monitor = await site.start();
    site.append('a.log', ...users(0, 1000));
    await untilTrue(() => expect(site.clicks.length).toBeGreaterThan(0));
    site.append('a.log', ...users(1000, 2000));
    renameSync(site.path('a.log'), site.path('a.log.1'));
    site.append('a.log.1', 'the writer goes on for a moment');
    site.append('a.log', ...users(2000, 3000));
    renameSync(site.path('a.log.1'), site.path('a.log.2'));
    renameSync(site.path('a.log'), site.path('a.log.1'));
    site.append('a.log', ...users(3000, 3010));
    await sentOnce(site, [...users(0, 3010), 'the writer goes on for a moment']);
    await monitor.stop();
  });

  test('while the monitor was away', async () => {
    const site = new IngestSite();
    site.append('a.log', ...users(0, 10));
    const first = await site.start();
    await sentOnce(site, users(0, 10));
    await first.stop();
    site.append('a.log', ...users(10, 20));
    renameSync(site.path('a.log'), site.path('a.log.2'));
    site.append('a.log.1', ...users(20, 30));
    writeFileSync(site.path('a.log.3.gz'), 'not read');
    const second = await site.start();
    await sentOnce(site, users(0, 30));
    site.append('a.log', ...users(30, 40));
    await sentOnce(site, users(0, 40));
    await second.stop();
    expect(ingestTotals(site.dataDir)).toEqual({ ...noLines(), lines: 40, clicks: 40 });
  });

  test('a last line without a line end counts once the writer has moved on and the file has been quiet', async () => {
    const site = new IngestSite();
    const monitor = await site.start(1_000);
    site.append('a.log', 'user 1');
    await sentOnce(site, ['user 1']);
    appendFileSync(site.path('a.log'), clickOf('user 2'));
    renameSync(site.path('a.log'), site.path('a.log.1'));
    utimesSync(site.path('a.log.1'), 0, 0);
    site.append('b.log', 'user 3');
    await sentOnce(site, ['user 1', 'user 3']);
    site.append('a.log', 'user 4');
    await sentOnce(site, users(1, 5));
    await monitor.stop();
  });
});

describe('rotation by copytruncate', () => {
  test('while the log is read: nothing twice, and nothing of the copy lost', async () => {
    const site = new IngestSite();
    const monitor = await site.start();
    site.append('a.log', ...users(0, 1000));
    await sentOnce(site, users(0, 1000));
    site.append('a.log', ...users(1000, 1010));
    copyTruncate(site, 'a.log', 'a.log.1');
    site.append('a.log', ...users(1010, 1020));
    await sentOnce(site, users(0, 1020));
    renameSync(site.path('a.log.1'), site.path('a.log.2'));
    copyTruncate(site, 'a.log', 'a.log.1');
    site.append('a.log', ...users(1020, 3020));
    await sentOnce(site, users(0, 3020));
    await monitor.stop();
  });

  test('with the truncation noticed long after the copy', async () => {
    const site = new IngestSite();
    const monitor = await site.start();
    site.append('a.log', ...users(0, 20));
    await sentOnce(site, users(0, 20));
    copyFileSync(site.path('a.log'), site.path('a.log.1'));
    site.append('b.log', 'user 20');
    await sentOnce(site, users(0, 21));
    truncateSync(site.path('a.log'), 0);
    site.append('a.log', 'user 21');
    await sentOnce(site, users(0, 22));
    await monitor.stop();
  });

  test('while the monitor was away', async () => {
    const site = new IngestSite();
    site.append('a.log', ...users(0, 10));
    const first = await site.start();
    await sentOnce(site, users(0, 10));
    await first.stop();
    site.append('a.log', ...users(10, 20));
    copyTruncate(site, 'a.log', 'a.log.1');
    site.append('a.log', ...users(20, 120));
    const second = await site.start();
    await sentOnce(site, users(0, 120));
    await second.stop();
  });

  test('a copy that is kept is never read, also when its log is truncated later', async () => {
    const site = new IngestSite();
    const first = await site.start();
    site.append('a.log', ...users(0, 10));
    await sentOnce(site, users(0, 10));
    copyFileSync(site.path('a.log'), site.path('a.log.bak'));
    site.append('a.log', ...users(10, 20));
    await sentOnce(site, users(0, 20));
    copyTruncate(site, 'a.log', 'a.log.1');
    site.append('a.log', ...users(20, 30));
    await sentOnce(site, users(0, 30));
    await first.stop();
    const second = await site.start();
    site.append('a.log', ...users(30, 40));
    await sentOnce(site, users(0, 40));
    await second.stop();
  });
});

describe('lost bytes', () => {
  test.each([
    ['shorter', 3],
    ['as long', 10],
    ['longer', 30],
  ])('a log that is truncated and written again, %s, is a new generation', async (_, lines) => {
    const site = new IngestSite();
    const monitor = await site.start();
    site.append('a.log', ...users(10, 20));
    await sentOnce(site, users(10, 20));
    truncateSync(site.path('a.log'), 0);
    site.append('a.log', ...users(20, 20 + lines));
    await sentOnce(site, users(10, 20 + lines));
    await monitor.stop();
  });

  test('a log in the place of a deleted one is a new generation, even with the same bytes', async () => {
    const site = new IngestSite();
    site.append('a.log', 'user 1', 'user 1');
    const first = await site.start();
    await sentOnce(site, ['user 1', 'user 1']);
    await first.stop();
    rmSync(site.path('a.log'));
    site.append('a.log', 'user 1', 'user 1', 'user 1');
    const second = await site.start();
    await sentOnce(site, Array(5).fill('user 1'));
    await second.stop();
  });

  test('a log that is deleted is read to its end', async () => {
    const site = new IngestSite();
    const monitor = await site.start(0);
    site.append('a.log', 'user 1');
    await sentOnce(site, ['user 1']);
    appendFileSync(site.path('a.log'), `${clickOf('user 2')}\n${clickOf('user 3')}`);
    rmSync(site.path('a.log'));
    await sentOnce(site, users(1, 4));
    await monitor.stop();
  });
});
