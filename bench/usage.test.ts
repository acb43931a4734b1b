import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { meter, parseMachine, parseStat } from './usage.ts';

test('reads the parent and the processor time, whatever the name of the process', () => {
  const stat = '42 (a) b (c) S 7 42 42 0 -1 4194304 1 2 3 4 100 20 3 1 20 0 1 0 12345 0 0';
  expect(parseStat(stat)).toEqual({ parent: 7, cpuSeconds: 1.24 });
});

test('time spent waiting is not busy', () => {
  const stat = 'cpu  100 0 50 800 40 0 10 0 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n';
  expect(parseMachine(stat)).toEqual({ busySeconds: 1.6, seconds: 10 });
});

test('includes the usage of child processes', async () => {
  // As much processor time, however busy the machine is.
  const busy = 'process.stdout.write("on"); while (process.cpuUsage().user < 300_000);';
  const family = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(busy)}], { stdio: "inherit" })`;
  const parent = spawn(process.execPath, [
    '-e',
    `${family}.on("exit", () => process.stdout.write("off")); setInterval(() => {}, 1e3)`,
  ]);
  const used = meter({ parent: Number(parent.pid) });
  for await (const said of parent.stdout) if (String(said).includes('off')) break;
  const { processes, seconds } = used();
  parent.kill();
  await once(parent, 'exit');
  expect(processes.parent?.cpuSeconds).toBeGreaterThan(0.25);
  expect(processes.parent?.cpuSeconds).toBeLessThan(seconds * 3);
  expect(processes.parent?.peakBytes).toBeGreaterThan(20 * 1024 * 1024);
});
