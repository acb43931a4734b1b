import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { kafkaAddress } from '../infra/clients/engines.ts';
import { readConfig } from '../infra/config.ts';
import { kafkaSettings } from '../infra/engine_settings/addresses.ts';
import { ingestTotals } from '../ingest/checkpoint.ts';
import { BIN } from '../prove/platform.ts';
import { analystSql } from './support/client.ts';
import { mountTmpfs } from './support/tmpfs.ts';
import { eventually } from './support/wait.ts';

const env = inject('env');
const isRoot = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), 'clickledger-full-'));
const mounted: string[] = [];

/** Mounts a file system of this size at the folder; false if not permitted. */
function mount(at: string, options: string): boolean {
  const isMounted = mountTmpfs(at, options);
  if (isMounted) mounted.push(at);
  return isMounted;
}
const canMount = isRoot && mount(join(folder, 'probe'), 'size=64k');

interface Monitor {
  /** Exit code and standard error, once it has ended. */
  ended: Promise<{ code: number | null; said: string }>;
  stop(): Promise<void>;
}

/** A log monitor with its own folder and logs, which sends to the platform's topic. */
function startMonitor(dataDir: string, logs: string): Monitor {
  const settings = { DATA_DIR: dataDir, LOG_GLOB: join(logs, '*.log'), HOST_ID: 'full-disk' };
  const child = spawn(process.execPath, [BIN, 'run', 'ingest'], {
    env: { ...process.env, ...env, ...kafkaSettings(kafkaAddress(readConfig(env))), ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise<{ code: number | null; said: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, said }));
  });
  return {
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const fatalLineOf = (said: string): { level: number; msg: string } | undefined =>
  said
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { level: number; msg: string })
    .find(({ level }) => level === 60);

function expectLoudEnd({ code, said }: { code: number | null; said: string }, checkpoints: string, why: RegExp): void {
  expect(code).toBe(1);
  const message = fatalLineOf(said)?.msg;
  expect(message).toContain(`ingest stops: checkpoints cannot be kept in ${checkpoints}`);
  expect(message).toMatch(why);
  expect(message).toMatch(/Make room there or make the folder writable, and start the log monitor again/);
}

/** Lines without an id: each is a separate click, identified by its user. */
class Log {
  readonly ad = `full-disk-${randomUUID().slice(0, 8)}`;
  readonly folder: string;
  lines = 0;

  constructor(place: string) {
    this.folder = place;
    mkdirSync(place, { recursive: true });
  }

  append(count: number): void {
    const texts = Array.from({ length: count }, () => {
      this.lines += 1;
      return `[AdClickEvent] ${this.ad}, 2021-02-03 04:05:06, user ${this.lines}, 10.1.1.1, USA\n`;
    });
    appendFileSync(join(this.folder, 'web.log'), texts.join(''));
  }

  /** Expects every line once in the store that answers come from. */
  async expectEachCountedOnce(): Promise<void> {
    const count = async (what: string): Promise<number> => {
      const [row] = await analystSql<{ n: string }>(
        env,
        `SELECT toString(${what}) AS n FROM ads.clicks WHERE ad_id = '${this.ad}'`,
      );
      return Number(row?.n);
    };
    await eventually(`${this.lines} users`, async () => (await count('uniqExact(user_id)')) === this.lines);
    expect(await count('count()')).toBe(this.lines);
  }
}

beforeAll(() => {
  if (!canMount) process.stdout.write('no tmpfs can be mounted here: the full disk is not tested\n');
});

afterAll(() => {
  for (const at of mounted) execFileSync('umount', [at]);
  rmSync(folder, { recursive: true, force: true });
});

describe('a log monitor that cannot keep its checkpoints', () => {
  test.skipIf(!canMount)(
    'stops on a full disk, and continues when there is room again: each line is counted once',
    async () => {
      const dataDir = join(folder, 'full');
      const checkpoints = join(dataDir, 'ingest', 'checkpoints');
      expect(mount(dataDir, 'size=256k')).toBe(true);
      const log = new Log(join(folder, 'full-logs'));
      log.append(500);
      const monitor = startMonitor(dataDir, log.folder);
      await eventually('the first lines', async () => ingestTotals(dataDir).lines === 500);

      const filler = join(dataDir, 'filler');
      expect(() => {
        for (;;) appendFileSync(filler, Buffer.alloc(4_096));
      }).toThrow('ENOSPC');
      let end: { code: number | null; said: string } | undefined;
      const ended = monitor.ended.then((how) => {
        end = how;
      });
      // The free rest of the journal's last page has room for some more checkpoints.
      await eventually('its end', async () => {
        log.append(10);
        return end !== undefined;
      });
      await ended;
      expectLoudEnd(end as { code: number; said: string }, checkpoints, /ENOSPC/);
      const remembered = ingestTotals(dataDir).lines;
      expect(remembered).toBeGreaterThanOrEqual(500);
      expect(remembered).toBeLessThan(log.lines);

      log.append(100);
      const again = await startMonitor(dataDir, log.folder).ended;
      expect(again.code).toBe(1);
      expect(fatalLineOf(again.said)?.msg).toMatch(/make room there|Make room there/);
      expect(ingestTotals(dataDir).lines).toBe(remembered);

      rmSync(filler);
      const mended = startMonitor(dataDir, log.folder);
      await eventually('every line', async () => ingestTotals(dataDir).lines === log.lines);
      await mended.stop();
      await log.expectEachCountedOnce();
    },
  );

  test.skipIf(isRoot && !canMount)(
    'does not start on a read-only folder, and reads everything once it is writable',
    async () => {
      const dataDir = join(folder, 'read-only');
      const ingest = join(dataDir, 'ingest');
      const log = new Log(join(folder, 'read-only-logs'));
      log.append(50);
      const first = startMonitor(dataDir, log.folder);
      await eventually('the first lines', async () => ingestTotals(dataDir).lines === 50);
      await first.stop();
      log.append(50);

      const checkpoints = join(ingest, 'checkpoints');
      const writable = readOnly(checkpoints);
      expectLoudEnd(await startMonitor(dataDir, log.folder).ended, checkpoints, /EROFS|EACCES/);
      expect(ingestTotals(dataDir).lines).toBe(50);
      writable();

      const mended = startMonitor(dataDir, log.folder);
      await eventually('every line', async () => ingestTotals(dataDir).lines === 100);
      await mended.stop();
      await log.expectEachCountedOnce();
    },
  );
});

/**
 * Permissions do not stop root: for root the folder is bind-mounted, read-only. Returns the function that undoes it.
 */
function readOnly(at: string): () => void {
  if (!isRoot) {
    chmodSync(at, 0o555);
    return () => chmodSync(at, 0o755);
  }
  execFileSync('mount', ['--bind', at, at]);
  execFileSync('mount', ['-o', 'remount,ro,bind', at]);
  expect(() => writeFileSync(join(at, 'probe'), '')).toThrow('EROFS');
  return () => execFileSync('umount', [at]);
}
