import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileRegister } from '../../infra/register/file_register.ts';
import type { Register } from '../../infra/register/register.ts';

/** An empty register of a test's own; removed when its process ends. */
export function testRegister(): Register {
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-register-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return fileRegister(folder);
}
