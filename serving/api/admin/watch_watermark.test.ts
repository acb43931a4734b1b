import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_MS, iso } from '../../../domain/time.ts';
import { fileRegister } from '../../../infra/register/file_register.ts';
import { openFindings } from '../../../infra/register/findings.ts';
import { checkWatermark } from './watch_watermark.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watermark-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a watermark ahead of the clock is a finding until it is not', async () => {
  const register = fileRegister(folder);
  const nowMs = Date.UTC(2026, 0, 1);
  const found = async (watermarkMs: number | null): Promise<string[]> => {
    const clock = () => ({ nowMs, latenessMs: 60_000 });
    await checkWatermark({ read: async () => watermarkMs, clock, register });
    return (await openFindings(register)).map(({ code, found_at }) => `${code} ${found_at}`);
  };
  const ahead = [`watermark_ahead ${iso(nowMs)}`];
  expect(await found(nowMs - 60_000)).toEqual([]);
  expect(await found(nowMs + DAY_MS)).toEqual(ahead);
  expect(await found(null)).toEqual(ahead);
  expect(await found(nowMs - DAY_MS)).toEqual([]);
});
