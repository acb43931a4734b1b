import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { resultIn, wrkProgram } from './wrk.ts';

test('without wrk one line says how to get it', () => {
  expect(() => wrkProgram({ PATH: '/nowhere' })).toThrow('no wrk on the PATH: infra/setup/apt-packages.sh installs it');
  const folder = mkdtempSync(join(tmpdir(), 'wrk-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'wrk'), '', { mode: 0o755 });
  expect(wrkProgram({ PATH: `/nowhere:${folder}` })).toBe(join(folder, 'wrk'));
});

test('finds the result of the script in the output', () => {
  const said = 'Running 4s test\nRequests/sec: 12\nresult {"answers":48,"seconds":4.02,"refused":1,"failed":0}\n';
  expect(resultIn(said)).toEqual({ answers: 48, seconds: 4.02, refused: 1, failed: 0 });
  expect(() => resultIn('unable to connect')).toThrow('unable to connect');
});
