import { closeSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logPath, openLog, rotateLog } from './log_file.ts';

const LARGEST = 10;
const OLDER = 2;

describe('the log of a process', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'log-'));
    path = logPath(folder, 'engine', 'hive');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = (name = path): string => readFileSync(name, 'utf8');
  const names = (): string[] => readdirSync(join(folder, 'logs-engines')).sort();

  test('is left alone up to its size', () => {
    const log = openLog(folder, 'engine', 'hive');
    writeSync(log, '0123456789');
    rotateLog(path, LARGEST, OLDER);
    expect(names()).toEqual(['hive.log']);
    expect(read()).toBe('0123456789');
    closeSync(log);
  });

  test('is rotated while its process writes on, and only so many older ones are kept', () => {
    const log = openLog(folder, 'engine', 'hive');
    for (const line of ['first line\n', 'second line\n', 'third line\n']) {
      writeSync(log, line);
      rotateLog(path, LARGEST, OLDER);
    }
    writeSync(log, 'last\n');
    closeSync(log);
    expect(names()).toEqual(['hive.log', 'hive.log.1', 'hive.log.2']);
    expect([read(), read(`${path}.1`), read(`${path}.2`)]).toEqual(['last\n', 'third line\n', 'second line\n']);
  });

  test('is rotated before it is opened again', () => {
    closeSync(openLog(folder, 'engine', 'hive'));
    writeFileSync(path, Buffer.alloc(10 * 1024 * 1024 + 1, 'x'));
    closeSync(openLog(folder, 'engine', 'hive'));
    expect(names()).toEqual(['hive.log', 'hive.log.1']);
    expect(read()).toBe('');
  });
});
