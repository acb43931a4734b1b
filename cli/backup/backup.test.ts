import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileRegister } from '../../infra/register/file_register.ts';
import { backupText, verifiedText } from '../text/backup.ts';
import { damageOf, linesOf, writeLines } from './files.ts';
import { bringFolderBack, checkpointLines, registerLines } from './folders.ts';
import { type BackupManifest, backupAt, backupsIn, type Part, stampOf } from './manifest.ts';
import { otherPlatform, platformOf } from './platform.ts';
import { lineOfMessage, messageOfLine } from './rejected.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clickledger-backup-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const MANIFEST: BackupManifest = {
  version: 1,
  id: '0123456789ab',
  platform: 'a of 2026-01-01T00:00:00.000Z',
  taken_at: '2026-01-31T02:00:00.123Z',
  not_archived: { click: 7, impression: 0, conversion: null },
  parts: [{ what: 'rejected', file: 'rejected.jsonl', rows: 2, bytes: 10, sha256: 'x' }],
};

describe('which folder is a backup', () => {
  const make = (name: string, manifest?: unknown): void => {
    mkdirSync(join(folder, name), { recursive: true });
    if (manifest !== undefined) writeFileSync(join(folder, name, 'manifest.json'), JSON.stringify(manifest));
  };

  test('the newest whole one; not what was interrupted, and no folder of somebody else', () => {
    expect(() => backupAt(folder)).toThrow(`there is no whole backup in ${folder}`);
    const [older, newer] = [stampOf('2025-12-31T02:00:00.123Z'), stampOf(MANIFEST.taken_at)];
    make('.unfinished-20270101T000000000Z', MANIFEST);
    make('20270101T000000000Z');
    make('zzz', MANIFEST);
    expect(backupsIn(folder)).toEqual([]);
    make(newer, MANIFEST);
    make(older, { ...MANIFEST, taken_at: '2025-12-31T02:00:00.123Z' });
    expect(backupsIn(folder)).toEqual([join(folder, older), join(folder, newer)]);
    expect(backupAt(folder)).toEqual({ folder: join(folder, newer), manifest: MANIFEST });
    expect(backupAt(join(folder, older)).folder).toBe(join(folder, older));
  });

  test.each([
    [{ ...MANIFEST, version: 2 }, /manifest\.json: version/],
    [{ ...MANIFEST, id: "x'; DROP" }, /manifest\.json: id/],
    [{ ...MANIFEST, parts: [{ ...MANIFEST.parts[0], file: '../../etc/passwd' }] }, /manifest\.json: parts\.0\.file/],
  ])('a manifest that is not as it has to be is named with its field', (manifest, message) => {
    make(stampOf(MANIFEST.taken_at), manifest);
    expect(() => backupAt(folder)).toThrow(message);
  });
});

describe('files', () => {
  const LINES = ['{"a":1}', '{"text":"line \u2028 separators"}', '"end"'];
  const written = async (): Promise<{ path: string; part: Part }> => {
    const path = join(folder, 'rejected.jsonl');
    return { path, part: { what: 'rejected', file: 'rejected.jsonl', ...(await writeLines(path, LINES)) } };
  };
  const readAll = async (path: string): Promise<string[]> => {
    const lines: string[] = [];
    for await (const line of linesOf(path)) lines.push(line);
    return lines;
  };

  test('lines come back as they were', async () => {
    const { path, part } = await written();
    expect(await readAll(path)).toEqual(LINES);
    expect([part.rows, part.bytes]).toEqual([3, readFileSync(path).length]);
    expect(await damageOf(folder, part)).toBeNull();
  });

  test.each<[string, (path: string) => void, RegExp]>([
    ['missing', (path) => rmSync(path), /rejected\.jsonl is missing/],
    ['shorter', (path) => truncateSync(path, 5), /rejected\.jsonl has 5 bytes, the manifest says \d+/],
    ['longer', (path) => appendFileSync(path, 'x'), /rejected\.jsonl has \d+ bytes/],
    [
      'another byte',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('1', '2')),
      /rejected\.jsonl is damaged/,
    ],
  ])('a file that is %s is named', async (_, change, message) => {
    const { path, part } = await written();
    change(path);
    expect(await damageOf(folder, part)).toMatch(message);
  });
});

test('rejected lines are the same bytes, whatever they are', () => {
  const cases = [
    { key: Buffer.from('web-1:g:1'), value: Buffer.from('{"line":"ü\\n"}') },
    { key: null, value: null },
    { key: Buffer.from([0xff, 0x00]), value: Buffer.from([0xc3, 0x28]) },
    { key: Buffer.from(''), value: Buffer.from('') },
  ];
  for (const message of cases) {
    const line = lineOfMessage({ ...message, timeMs: 1_700_000_000_123 });
    expect(messageOfLine(line, 'line')).toEqual({ ...message, timestamp: '1700000000123' });
  }
  expect(() => messageOfLine('{"at":"x"}', 'rejected.jsonl')).toThrow(/rejected\.jsonl: at/);
});

describe('folders', () => {
  test('a register is brought back with every entry, and none that is there is touched', async () => {
    const register = fileRegister(join(folder, 'register'));
    await register.create('stores/archive/000000000001', { id: 'here', at: '2026-01-01T00:00:00.000Z' });
    await register.create('ledger/2026-01-01/000000000001', { run: 1 });
    writeFileSync(join(folder, 'register', 'ledger', '2026-01-01', 'x.json.5f0c'), 'being written');
    const own = await platformOf(register);
    expect(own).toBe('here of 2026-01-01T00:00:00.000Z');

    const path = join(folder, 'register.jsonl');
    expect((await writeLines(path, registerLines(join(folder, 'register')))).rows).toBe(2);
    expect(await bringFolderBack(path, join(folder, 'register'))).toBe(false);
    mkdirSync(join(folder, 'back.from-backup'));
    writeFileSync(join(folder, 'back.from-backup', 'of-a-kill.json'), '{}');
    expect(await bringFolderBack(path, join(folder, 'back'))).toBe(true);
    const back = fileRegister(join(folder, 'back'));
    expect([await platformOf(back), await back.list('ledger/')]).toEqual([own, ['ledger/2026-01-01/000000000001']]);
    expect(await register.list('ledger/')).toEqual(await back.list('ledger/'));
  });

  test('a file that names a place outside of its folder is refused', async () => {
    const path = join(folder, 'register.jsonl');
    await writeLines(path, [JSON.stringify({ path: '../outside.json', text: '' })]);
    await expect(bringFolderBack(path, join(folder, 'back'))).rejects.toThrow('names a file outside of it');
  });

  test('checkpoints, where there are any', () => {
    expect([...checkpointLines(folder)]).toEqual([]);
    mkdirSync(join(folder, 'ingest', 'checkpoints'), { recursive: true });
    writeFileSync(join(folder, 'ingest', 'checkpoints', 'journal.jsonl'), 'x\n');
    expect([...checkpointLines(folder)]).toEqual(['{"path":"journal.jsonl","text":"x\\n"}']);
  });
});

test.each([
  [MANIFEST.platform, null],
  ['b of c', /is a backup of platform a of .*, and REGISTER_URL is that of platform b of c: name the right one/],
  [null, /REGISTER_URL has no record of a platform/],
])('platform %s', (own, message) => {
  const said = otherPlatform(MANIFEST, '/backups/x', own);
  if (message === null) expect(said).toBeNull();
  else expect(said).toMatch(message);
});

test('what is said of a backup', () => {
  expect(backupText({ folder: '/b/x', manifest: MANIFEST })).toBe(
    '/b/x\n  rejected lines: 2 lines, 10 bytes\n' +
      'not in it: archived events (the archive has its own backup), secrets and tokens, and what is calculated from these\n' +
      '  clicks only in Kafka: 7 messages\n  conversions only in Kafka: it does not say how many\n',
  );
  const ok = { part: 'register', file: 'register.jsonl', rows: 3, wrong: null };
  expect(verifiedText({ folder: '/b/x', parts: [ok] })).toBe(
    '/b/x\n  register: 3 lines, restored beside and equal\nthe backup is whole\n',
  );
  expect(verifiedText({ folder: '/b/x', parts: [ok, { ...ok, part: 'rejected lines', wrong: 'y is damaged' }] })).toBe(
    '/b/x\n  register: 3 lines, restored beside and equal\n  rejected lines: y is damaged\n1 of 2 parts are not as they were\n',
  );
});
