import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  copyFileSync,
  lchownSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clickOf, IngestSite, sentOnce, untilTrue, users } from '../test/support/ingest_site.ts';
import { mayBeSomebodyElse } from '../test/support/second_user.ts';
import { ingestTotals, noLines } from './checkpoint.ts';

/** Reads what is there, then ends. */
async function readAll(site: IngestSite, expected: string[]): Promise<void> {
  const monitor = await site.start();
  await sentOnce(site, expected);
  await monitor.stop();
}

/** Both a monitor that runs meanwhile and one that was away must count each line once. */
const presence = describe.each([
  ['while the monitor runs', true],
  ['while the monitor is away', false],
]);

presence('%s', (_, isRunning) => {
  test.each(['a.log-20210101', 'a.log_2021-01-01', 'a-20210101.log', 'a.1.log', 'a-2021-01-01-1.log'])(
    'rename to %s',
    async (rotated) => {
      const site = new IngestSite();
      site.append('a.log', ...users(0, 10));
      const first = await site.start();
      await sentOnce(site, users(0, 10));
      if (!isRunning) await first.stop();
      site.append('a.log', ...users(10, 20));
      renameSync(site.path('a.log'), site.path(rotated));
      site.append(rotated, ...users(20, 25));
      site.append('a.log', ...users(25, 30));
      const second = isRunning ? first : await site.start();
      await sentOnce(site, users(0, 30));
      await second.stop();
    },
  );

  test.each(['a.log.1', 'a.log-20210101', 'a-20210101.log', 'a.1.log'])('copytruncate to %s', async (rotated) => {
    const site = new IngestSite();
    site.append('a.log', ...users(0, 10));
    const first = await site.start();
    await sentOnce(site, users(0, 10));
    if (!isRunning) await first.stop();
    site.append('a.log', ...users(10, 20));
    copyFileSync(site.path('a.log'), site.path(rotated));
    truncateSync(site.path('a.log'));
    site.append('a.log', ...users(20, 25));
    const second = isRunning ? first : await site.start();
    await sentOnce(site, users(0, 25));
    await second.stop();
    expect(ingestTotals(site.dataDir)).toEqual({ ...noLines(), lines: 25, clicks: 25 });
  });

  test('a log behind a symbolic link, whose target is rotated beside the target', async () => {
    const site = new IngestSite();
    const pod = join(site.dataDir, 'pods', 'ad server_1', 'app');
    mkdirSync(pod, { recursive: true });
    const write = (name: string, from: number, to: number) =>
      appendFileSync(
        join(pod, name),
        users(from, to)
          .map((user) => `${clickOf(user)}\n`)
          .join(''),
      );
    write('0.log', 0, 10);
    symlinkSync(join('..', 'pods', 'ad server_1', 'app', '0.log'), site.path('middle'));
    symlinkSync('middle', site.path('container.log'));
    const first = await site.start();
    await sentOnce(site, users(0, 10));
    if (!isRunning) await first.stop();
    write('0.log', 10, 20);
    renameSync(join(pod, '0.log'), join(pod, '0.log.20260101-120000'));
    write('0.log.20260101-120000', 20, 25);
    write('0.log', 25, 30);
    const second = isRunning ? first : await site.start();
    await sentOnce(site, users(0, 30));
    await second.stop();
  });
});

describe('logs that are moved', () => {
  const lines = (from: number, to: number): string =>
    users(from, to)
      .map((user) => `${clickOf(user)}\n`)
      .join('');

  test.each(['cp', 'tar'])('with DATA_DIR, by %s, and written to before the next start', async (how) => {
    const site = new IngestSite();
    site.append('a.log', ...users(0, 10));
    await readAll(site, users(0, 10));
    const [old, moved] = [site.dataDir, `${site.dataDir}-moved`];
    if (how === 'cp') execFileSync('cp', ['-a', old, moved]);
    else {
      mkdirSync(moved);
      execFileSync('tar', ['-C', moved, '-x'], { input: execFileSync('tar', ['-C', old, '-c', '.']) });
    }
    rmSync(old, { recursive: true });
    site.dataDir = moved;
    site.append('a.log', ...users(10, 15));
    site.append('b.log', ...users(15, 16));
    await readAll(site, users(0, 16));
    expect(ingestTotals(moved)).toEqual({ ...noLines(), lines: 16, clicks: 16 });
    expect(site.warnings).toEqual([]);
  });

  test('alone, to another disk: with their times, or written to since', async () => {
    const site = new IngestSite();
    const [old, moved] = [join(site.dataDir, 'old'), join(site.dataDir, 'new')];
    for (const folder of [old, moved]) mkdirSync(folder);
    for (const name of ['a.log', 'b.log'])
      writeFileSync(join(old, name), lines(name === 'a.log' ? 0 : 20, name === 'a.log' ? 20 : 40));
    site.logGlob = join(old, '*.log');
    await readAll(site, users(0, 40));
    site.logGlob = join(moved, '*.log');
    // Within a file system `mv` keeps the inode; between two it does this.
    execFileSync('cp', ['-a', `${old}/.`, moved]);
    rmSync(old, { recursive: true });
    appendFileSync(join(moved, 'b.log'), lines(40, 45));
    await readAll(site, users(0, 45));
    const bytes = lines(20, 40).length;
    expect(site.warnings).toMatchObject([{ code: 'log_taken_for_moved', path: join(moved, 'b.log'), bytes }]);
  });

  test('as a copy beside the original, with its times: read once', async () => {
    const site = new IngestSite();
    site.append('a.log', ...users(0, 10));
    const monitor = await site.start();
    await sentOnce(site, users(0, 10));
    execFileSync('cp', ['-p', site.path('a.log'), site.path('backup.log')]);
    site.append('c.log', 'user 10');
    await sentOnce(site, users(0, 11));
    await monitor.stop();
    expect(site.warnings).toEqual([]);
  });

  test('or written anew with the same bytes, nobody can tell: counted, with a warning', async () => {
    const site = new IngestSite();
    site.append('a.log', ...users(0, 10));
    await readAll(site, users(0, 10));
    rmSync(site.path('a.log'));
    site.append('a.log', ...users(0, 10));
    await readAll(site, [...users(0, 10), ...users(0, 10)]);
    const bytes = lines(0, 10).length;
    expect(site.warnings).toMatchObject([{ code: 'log_counted_again', path: site.path('a.log'), bytes }]);
  });
});

describe('names', () => {
  test.each(['with blanks .log', 'new\nline.log', `${'x'.repeat(251)}.log`, '[a]{b}.log', 'zoë 日本.log'])(
    '%j',
    async (name) => {
      const site = new IngestSite();
      site.append(name, ...users(0, 5));
      const monitor = await site.start();
      await sentOnce(site, users(0, 5));
      if (name.length < 200) {
        site.append(name, ...users(5, 6));
        renameSync(site.path(name), `${site.path(name)}.1`);
        site.append(name, ...users(6, 7));
        await sentOnce(site, users(0, 7));
      }
      await monitor.stop();
    },
  );

  test('that are not UTF-8 are warned of, with their bytes', async () => {
    const site = new IngestSite();
    const name = Buffer.from([0x7a, 0x6f, 0xeb, 0x2e, 0x6c, 0x6f, 0x67]);
    writeFileSync(Buffer.concat([Buffer.from(`${site.path('')}/`), name]), `${clickOf('user 1')}\n`);
    site.append('a.log', 'user 2');
    const monitor = await site.start();
    await sentOnce(site, ['user 2']);
    await untilTrue(() => expect(site.warnings).toHaveLength(1));
    expect(site.warnings).toEqual([
      { code: 'log_name', path: site.path('zo\uFFFD.log'), bytes: clickOf('user 1').length + 1 },
    ]);
    renameSync(Buffer.concat([Buffer.from(`${site.path('')}/`), name]), site.path('zoe.log'));
    await sentOnce(site, ['user 1', 'user 2']);
    await monitor.stop();
  });

  test('that begin with a dot are not matched by a star', async () => {
    const site = new IngestSite();
    site.append('.a.log', 'user 1');
    site.append('.a.log.swp', 'user 2');
    site.append('b.log', 'user 3');
    await readAll(site, ['user 3']);
  });

  test('of compressed files: not read', async () => {
    const site = new IngestSite();
    for (const end of ['zip', 'lz4', 'Z', 'GZ', 'br', 'zst']) site.append(`a.log.1.${end}`, 'user 1');
    site.append('a.log', 'user 2');
    await readAll(site, ['user 2']);
    expect(site.rejected).toEqual([]);
  });

  test.runIf(mayBeSomebodyElse)(
    "a symbolic link of somebody else to another one's file is not read, and warned of",
    async () => {
      const site = new IngestSite();
      const [webServer, other] = [30_001, 30_002];
      mkdirSync(join(site.dataDir, 'elsewhere'));
      const file = (name: string, owner: number, user: string): string => {
        const path = join(site.dataDir, 'elsewhere', name);
        writeFileSync(path, `${clickOf(user)}\n`);
        chownSync(path, owner, owner);
        return path;
      };
      const link = (name: string, target: string, owner: number): void => {
        symlinkSync(target, site.path(name));
        lchownSync(site.path(name), owner, owner);
      };
      const secret = file('secret', 0, 'user 1');
      file('secret.1', 0, 'user 5');
      link('of-root.log', file('of-root', other, 'user 2'), 0);
      link('of-both.log', file('of-both', webServer, 'user 3'), webServer);
      link('stolen.log', secret, webServer);
      link('by-a-hop.log', join(site.dataDir, 'hop'), 0);
      symlinkSync(file('of-a-third', other, 'user 4'), join(site.dataDir, 'hop'));
      lchownSync(join(site.dataDir, 'hop'), webServer, webServer);
      const monitor = await site.start();
      await sentOnce(site, ['user 2', 'user 3']);
      await untilTrue(() => expect(site.warnings).toHaveLength(3));
      const bytes = clickOf('user 1').length + 1;
      const of = (path: string, owner: number, link: string) => {
        return { code: 'log_link', path, bytes, owner, link: { path: link, owner: webServer } };
      };
      const stolen = site.path('stolen.log');
      expect(site.warnings).toEqual([
        of(site.path('by-a-hop.log'), other, join(site.dataDir, 'hop')),
        of(stolen, 0, stolen),
        // What seems to be rotated from it.
        of(`${secret}.1`, 0, stolen),
      ]);
      lchownSync(stolen, 0, 0);
      await sentOnce(site, ['user 1', 'user 2', 'user 3', 'user 5']);
      await monitor.stop();
    },
  );

  test('of which a link and its target both match: read once', async () => {
    const site = new IngestSite();
    site.append('a.log', 'user 1');
    symlinkSync('a.log', site.path('b.log'));
    mkdirSync(join(site.dataDir, 'more'));
    symlinkSync(site.path(''), join(site.dataDir, 'more', 'logs'));
    site.logGlob = join(site.dataDir, '**', '*.log');
    await readAll(site, ['user 1']);
  });

  test('in folders that are links to themselves', async () => {
    const site = new IngestSite();
    site.append('a.log', 'user 1');
    symlinkSync('.', site.path('round'));
    site.logGlob = join(site.dataDir, 'logs', '**', '*.log');
    await readAll(site, ['user 1']);
  });
});
