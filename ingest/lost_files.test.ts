import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../domain/time.ts';
import { clickOf, IngestSite, sentOnce, untilTrue, users } from '../test/support/ingest_site.ts';
import { CheckpointStore, ingestTotals, noLines } from './checkpoint.ts';

const LINE = clickOf('user 1').length + 1;

/** A site where five lines were read, and five more were written while the monitor was away. */
async function behind(): Promise<IngestSite> {
  const site = new IngestSite();
  site.append('a.log', ...users(0, 5));
  const monitor = await site.start();
  await sentOnce(site, users(0, 5));
  await monitor.stop();
  site.append('a.log', ...users(5, 10));
  return site;
}

const gzip = (site: IngestSite, name: string): void => void execFileSync('gzip', [site.path(name)]);

describe('a log that was compressed', () => {
  test('before it was read to its end: a warning with file and bytes; unpacked, it goes on from there', async () => {
    const site = await behind();
    const changedMs = 1_700_000_000_000;
    renameSync(site.path('a.log'), site.path('a.log.1'));
    utimesSync(site.path('a.log.1'), changedMs / 1000, changedMs / 1000);
    gzip(site, 'a.log.1');
    site.append('a.log', ...users(10, 12));
    const monitor = await site.start(0);
    await untilTrue(() => expect(site.warnings).toHaveLength(1));
    expect(site.warnings).toMatchObject([
      {
        code: 'log_unread',
        path: site.path('a.log'),
        offset: 5 * LINE,
        bytes: 5 * LINE,
        compressed: site.path('a.log.1.gz'),
        changedMs,
      },
    ]);
    execFileSync('gunzip', ['-k', site.path('a.log.1.gz')]);
    await sentOnce(site, users(0, 12));
    await untilTrue(() => expect(site.warnings).toHaveLength(2));
    expect(site.warnings[1]).toMatchObject({ code: 'log_found' });
    await monitor.stop();
  });

  test('after it was read to its end: no warning', async () => {
    const site = new IngestSite();
    const monitor = await site.start(0);
    site.append('a.log', ...users(0, 5));
    await sentOnce(site, users(0, 5));
    renameSync(site.path('a.log'), site.path('a.log.1'));
    site.append('a.log', 'user 5');
    await sentOnce(site, users(0, 6));
    gzip(site, 'a.log.1');
    site.append('b.log', 'user 6');
    await sentOnce(site, users(0, 7));
    await monitor.stop();
    gzip(site, 'a.log');
    site.append('a.log', 'user 7');
    const second = await site.start(0);
    await sentOnce(site, users(0, 8));
    await untilTrue(() => expect(readJournal(site)).toContain('"goneMs":1'));
    await second.stop();
    expect(site.warnings).toEqual([]);
  });

  test('by something else: it may have more', async () => {
    const site = await behind();
    rmSync(site.path('a.log'));
    writeFileSync(site.path('a.log.1.zst'), 'compressed');
    site.append('a.log', 'user 10');
    const monitor = await site.start(0);
    await untilTrue(() => expect(site.warnings).toHaveLength(1));
    expect(site.warnings).toMatchObject([
      {
        code: 'log_unread',
        path: site.path('a.log'),
        offset: 5 * LINE,
        bytes: null,
        compressed: site.path('a.log.1.zst'),
      },
    ]);
    await monitor.stop();
  });
});

const readJournal = (site: IngestSite): string =>
  readFileSync(join(site.dataDir, 'ingest', 'checkpoints', 'journal.jsonl'), 'utf8');

test('a log that was removed while the monitor was away, and is written anew, may have had more', async () => {
  const site = await behind();
  rmSync(site.path('a.log'));
  site.append('a.log', ...users(10, 12));
  const monitor = await site.start(0);
  await sentOnce(site, [...users(0, 5), ...users(10, 12)]);
  await untilTrue(() => expect(site.warnings).toMatchObject([{ code: 'log_unread', bytes: null, compressed: null }]));
  await monitor.stop();
});

test('a log that is truncated with bytes that were seen and not read', async () => {
  const site = new IngestSite();
  const monitor = await site.start(0);
  site.append('a.log', ...users(0, 5));
  appendFileSync(site.path('a.log'), 'half a line');
  await sentOnce(site, users(0, 5));
  await expect.poll(() => site.metrics.getSingleMetricAsString('clickledger_ingest_unread_bytes')).toContain(' 11');
  truncateSync(site.path('a.log'));
  site.append('a.log', 'user 5');
  await sentOnce(site, users(0, 6));
  await untilTrue(() => expect(site.warnings).toMatchObject([{ code: 'log_unread', bytes: 11, offset: 5 * LINE }]));
  await monitor.stop();
});

test('a volume that is not there when the monitor starts is no lost log, and goes on when it comes back', async () => {
  const site = await behind();
  const [here, away] = [site.path(''), join(site.dataDir, 'away')];
  renameSync(here, away);
  const monitor = await site.start(0);
  await untilTrue(() => expect(readJournal(site)).toContain('"goneMs":1'));
  renameSync(away, here);
  await sentOnce(site, users(0, 10));
  await monitor.stop();
  expect(site.warnings.filter(({ code }) => code !== 'log_found')).toEqual([]);
});

test('a rotated log that is unpacked long after it was forgotten is not counted again', async () => {
  const site = await behind();
  const first = await site.start();
  await sentOnce(site, users(0, 10));
  await first.stop();
  renameSync(site.path('a.log'), site.path('a.log.1'));
  gzip(site, 'a.log.1');
  const second = await site.start();
  await untilTrue(() => expect(readJournal(site)).toContain('"goneMs":1'));
  await second.stop();
  const store = await CheckpointStore.open(site.dataDir, Date.now() + 31 * DAY_MS);
  expect(store.all()).toEqual([]);
  await store.close();

  execFileSync('gunzip', [site.path('a.log.1.gz')]);
  site.append('a.log.1', 'user 10');
  site.append('a.log', 'user 11');
  const third = await site.start();
  await sentOnce(site, users(0, 12));
  await third.stop();
  expect(ingestTotals(site.dataDir)).toEqual({ ...noLines(), lines: 12, clicks: 12 });
  expect(site.warnings.filter(({ code }) => code !== 'log_found')).toEqual([]);
});
