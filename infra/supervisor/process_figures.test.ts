import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { eventually } from '../../test/support/wait.ts';
import { figuresOf } from './process_figures.ts';

const FILL = `const bytes = Buffer.alloc(80 << 20, 1); process.stdout.write('full'); setInterval(() => bytes, 1000);`;

test('figures are those of a process and of what it has started; of one that has ended there are none', async () => {
  const launcher = spawn('sh', ['-c', '"$0" -e "$1"; true', process.execPath, FILL], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(launcher, 'close');
  const pid = launcher.pid as number;
  await once(launcher.stdout, 'data');
  const figures = figuresOf(pid);
  expect(figures?.residentBytes).toBeGreaterThan(80 << 20);
  expect(figures?.residentBytes).toBeLessThan(1 << 30);
  expect(figures?.cpuSeconds).toBeGreaterThan(0);
  expect(figures?.cpuSeconds).toBeLessThan(60);
  const child = await eventually('the child', async () => childOf(pid));
  process.kill(child, 'SIGKILL');
  await ended;
  expect(figuresOf(pid)).toBeNull();
});

const childOf = (pid: number): number => {
  const { stdout } = spawnSync('ps', ['--ppid', String(pid), '-o', 'pid='], { encoding: 'utf8' });
  return Number(stdout.trim());
};
