import { describe, expect, inject, test } from 'vitest';
import { clickledger, clickledgerJson } from '../test/support/client.ts';
import { startAtTerminal } from '../test/support/terminal.ts';
import { eventually } from '../test/support/wait.ts';

const env = inject('env');

describe('clickledger', () => {
  test('--help names every command, and each has its own --help', async () => {
    const { code, stdout } = await clickledger(env, '--help');
    expect(code).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name as string);
    expect(commands).toEqual(expect.arrayContaining(['up', 'run', 'migrate', 'status', 'generate', 'rebuild', 'runs']));
    for (const command of commands) {
      expect(await clickledger(env, command, '--help')).toMatchObject({ code: 0, stdout: /Usage: clickledger/ });
    }
  });

  test.each([
    [['frobnicate'], /unknown command/],
    [['run', 'nobody'], /role|argument/],
    [['rebuild', '--from', '2021-13-01', '--to', '2021-12-02', '--reason', 'x'], /2021-13-01/],
    [['rebuild', '--from', '2021-01-02', '--to', '2021-01-02', '--reason', 'x'], /not before/],
    [['rebuild', '--from', '2031-01-01', '--to', '2031-01-02', '--reason', 'x'], /has not ended/],
    [['rollback', '--date', '2010-01-01', '--run', '1', '--reason', 'x'], /no run 1/],
  ])('%j is refused with a clear line', async (args, said) => {
    const { code, stdout, stderr } = await clickledger(env, ...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(said);
    expect(stdout).toBe('');
  });

  test('a malformed setting stops it with one line that names it', async () => {
    const { code, stderr } = await clickledger({ ...env, API_PORT: 'eighty' }, 'status');
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(/^clickledger: API_PORT: .*$/);
  });

  test.each([['status'], ['runs'], ['migrate'], ['run', 'publisher'], ['bench']])(
    'a misspelt setting stops %s with one line',
    async (...args) => {
      const { code, stdout, stderr } = await clickledger({ ...env, ALOWED_LATENESS: '5s' }, ...args);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^clickledger: ALOWED_LATENESS is not a setting; did you mean ALLOWED_LATENESS\?.*\n$/);
    },
  );

  test('status --watch shows the platform in place, again and again, until Ctrl-C; without a terminal it is refused', async () => {
    const refused = await clickledger(env, 'status', '--watch');
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/^clickledger: --watch: standard output is no terminal; .*\n$/);
    const shell = startAtTerminal(env, 'status', '--watch');
    let shown = '';
    shell.stdout.on('data', (chunk: Buffer) => {
      shown += chunk;
    });
    const ended = new Promise((resolve) => shell.once('close', resolve));
    const screens = () => shown.split('\u001b[1;1H').slice(1);
    await eventually('it is shown three times', async () => screens().length >= 3);
    shell.stdin.write('\u0003');
    expect(await ended).toBe(0);
    for (const screen of screens().slice(0, 2)) {
      expect(screen).toContain('Ctrl-C ends it');
      expect(screen).toMatch(/kafka +\d+ +ready/);
    }
    const times = new Set(screens().map((screen) => screen.slice(0, 24)));
    expect(times.size).toBeGreaterThanOrEqual(3);
  });

  test('a second platform on the same folder is refused, and the first continues', async () => {
    const { code, stderr } = await clickledger(env, 'up');
    expect(code).toBe(1);
    expect(stderr).toMatch(/DATA_DIR: .* is in use/);
    expect((await fetch(`http://127.0.0.1:${env.API_PORT}/healthz`)).status).toBe(200);
  });

  test('migrate again applies nothing', async () => {
    expect(await clickledgerJson(env, 'migrate')).toEqual({ applied: [] });
  });

  test('status --json is one document with every part of the platform', async () => {
    const status = await clickledgerJson<Record<string, { name: string; state: string; metrics?: string }[]>>(
      env,
      'status',
    );
    expect(status.engines?.map(({ name, state }) => [name, state]).sort()).toEqual([
      ['clickhouse', 'ready'],
      ['elasticsearch', 'ready'],
      ['hive', 'ready'],
      ['kafka', 'ready'],
    ]);
    const roles = ['api', 'archive', 'indexer', 'ingest', 'nightly', 'publisher', 'realtime'];
    const running = status.processes?.filter(({ name }) => roles.includes(name)) ?? [];
    expect(running.map(({ name }) => name).sort()).toEqual(roles);
    for (const { metrics } of running) {
      expect(await (await fetch(String(metrics))).text()).toContain('process_resident_memory_bytes');
    }
    expect(status.conservation).toSatisfy((rules: { ok?: boolean }[]) => rules.length > 0);
  });
});
