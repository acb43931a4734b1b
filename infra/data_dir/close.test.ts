import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asSecondUser, mayBeSomebodyElse, reachable } from '../../test/support/second_user.ts';
import { readConfig } from '../config.ts';
import { PLAIN_UID } from '../embedded/elasticsearch/non_root.ts';
import { closeDataDir, umaskOf } from './close.ts';

const GROUP = 54_321;
const FILES = [
  'archive/clicks/dt=2021-01-01/a.parquet',
  'archive/runs/dt=2021-01-01/run=1/000000_0',
  'engines/kafka/data/0.log',
  'engines/elasticsearch/config/users',
  'ingest/checkpoints/journal.jsonl',
  'logs/web.log',
  'run/api.json',
  'stray',
];
let parent = '';
let dataDir = '';
const at = (path: string): string => join(dataDir, path);
const modeOf = (path: string): number => statSync(at(path)).mode & 0o7777;
const start = (settings: Record<string, string> = {}): void =>
  closeDataDir(readConfig({ DATA_DIR: dataDir, ...settings }));

/** As versions before this one left it: every user who may enter the parent folder may read everything. */
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'clickledger-close-'));
  chmodSync(parent, 0o755);
  dataDir = join(parent, 'data');
  for (const file of FILES) {
    mkdirSync(dirname(at(file)), { recursive: true });
    writeFileSync(at(file), 'x');
    chmodSync(at(file), 0o644);
    // Modes that the umask of the test process would have removed.
    for (let path = dirname(at(file)); path !== parent; path = dirname(path)) chmodSync(path, 0o755);
  }
});
afterEach(() => rmSync(parent, { recursive: true }));

test('an old folder is closed, and so is everything in it', () => {
  start();
  for (const path of ['', 'archive', 'engines', 'engines/kafka', 'engines/elasticsearch', 'logs', 'run']) {
    expect([path, modeOf(path)]).toEqual([path, 0o700]);
  }
  expect(modeOf('stray')).toBe(0o600);
});

test('folders that were moved to another disk are closed there; a linked logs folder is not ours', () => {
  const elsewhere = (name: string): string => join(parent, name);
  for (const name of ['archive', 'logs']) {
    rmSync(at(name), { recursive: true });
    mkdirSync(elsewhere(name));
    chmodSync(elsewhere(name), 0o755);
    symlinkSync(elsewhere(name), at(name));
  }
  start();
  expect([modeOf('archive'), modeOf('logs')]).toEqual([0o700, 0o755]);
});

test('folders that other users write to are not closed silently', () => {
  chmodSync(at('logs'), 0o1777);
  expect(() => start()).toThrow(/^DATA_GROUP: .*\/logs is used by every user/);
  chmodSync(at('logs'), 0o755);
  chmodSync(at('archive'), 0o777);
  expect(() => start({ HIVE_URL: 'hive:10000' })).toThrow(/^DATA_GROUP: .*\/archive is used by every user/);
});

test('a missing group is named', () => {
  expect(() => start({ DATA_GROUP: 'no-such-group' })).toThrow('DATA_GROUP: there is no group "no-such-group"');
});

test('new files are accessible to their owner only, in a shared archive also to its group', () => {
  expect(umaskOf({})).toBe(0o077);
  expect(umaskOf({ DATA_GROUP: 'hive' })).toBe(0o077);
  expect(umaskOf({ HIVE_URL: 'hive:10000' })).toBe(0o077);
  expect(umaskOf({ HIVE_URL: 'hive:10000', DATA_GROUP: 'hive' })).toBe(0o007);
});

describe.runIf(mayBeSomebodyElse)('another user of the machine', () => {
  const own = (paths: string[]): string[] => paths.map(at).sort();
  /** A file in a folder that cannot be listed is reachable by its known name. */
  const byName = (group?: number): string[] =>
    FILES.filter((file) => asSecondUser(['cat', at(file)], group).code === 0);

  test('could reach everything before, and nothing after', () => {
    expect(reachable(dataDir)).toEqual(expect.arrayContaining(own(FILES)));
    start();
    expect([reachable(dataDir), byName()]).toEqual([[], []]);
  });

  test('nor where Elasticsearch runs as its own user, who can reach its folder', () => {
    chownSync(at('engines/elasticsearch'), PLAIN_UID, PLAIN_UID);
    start();
    expect(['', 'engines', 'engines/elasticsearch'].map(modeOf)).toEqual([0o711, 0o711, 0o700]);
    expect([reachable(dataDir), byName()]).toEqual([[], []]);
  });

  test('a member of the group writes logs, and reaches nothing else', () => {
    start({ DATA_GROUP: String(GROUP) });
    expect(reachable(dataDir)).toEqual([]);
    expect([reachable(dataDir, GROUP), byName(GROUP)]).toEqual([[], ['logs/web.log']]);
    expect(reachable(at('logs'), GROUP).sort()).toEqual(own(['logs', 'logs/web.log']));
    expect(asSecondUser(['sh', '-c', `echo click > ${at('logs/new.log')}`], GROUP).code).toBe(0);
    expect(asSecondUser(['cat', at('archive/clicks/dt=2021-01-01/a.parquet')], GROUP).code).not.toBe(0);
    // From now on, files of group members are expected there.
    expect(() => start({ DATA_GROUP: String(GROUP) })).not.toThrow();
    expect(() => start()).toThrow(/^DATA_GROUP: .*\/logs is used by user 65534 \(.*new\.log\)/);
  });

  test('the Hive of HIVE_URL, in the group, reads and writes the archive', () => {
    const settings = { DATA_GROUP: String(GROUP), HIVE_URL: 'hive:10000' };
    start(settings);
    expect(reachable(at('archive'))).toEqual([]);
    const read = reachable(at('archive'), GROUP);
    expect(read).toEqual(expect.arrayContaining(own(FILES.filter((file) => file.startsWith('archive/')))));
    const made = at('archive/runs/dt=2021-01-01/run=1/000001_0');
    expect(asSecondUser(['sh', '-c', `echo row > ${made}`], GROUP).code).toBe(0);
    expect(statSync(made).gid).toBe(GROUP);
    expect(() => start({ HIVE_URL: 'hive:10000' })).toThrow(/^DATA_GROUP: .*\/archive is used by user 65534/);
    // With the embedded Hive nobody else needs it.
    start();
    expect(reachable(dataDir, GROUP)).toEqual([]);
  });
});
