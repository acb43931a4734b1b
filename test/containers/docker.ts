import { execFile, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../support/wait.ts';

const OUTPUT_LIMIT = 64 * 1024 * 1024;
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 60_000;

/** A Docker engine, asked through Docker's own client. */
export interface Docker {
  /** Such as unix:///…/docker.sock. */
  host: string;
  /** Whether it runs for these tests alone. Then no image can be pulled, and all are made here. */
  isOwn: boolean;
  /** Runs a command of the client, and returns what it prints. Rejects with what it says when it fails. */
  run(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** The engine of this machine, if one answers; otherwise dockerd is started for as long as these tests run. */
export async function openDocker(): Promise<Docker> {
  const given = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  if (await answers(given)) return { host: given, isOwn: false, run: clientOf(given), stop: async () => {} };
  return startOwn();
}

const clientOf =
  (host: string) =>
  async (...args: string[]): Promise<string> => {
    // The client of one release has no builder but this one, and another's asks for a plugin.
    const env = { ...process.env, DOCKER_HOST: host, DOCKER_BUILDKIT: '0' };
    const asked = promisify(execFile)('docker', args, { env, maxBuffer: OUTPUT_LIMIT });
    const { stdout } = await asked.catch((error: Error & { stderr?: string }) => {
      throw new Error(`docker ${args[0]}: ${error.stderr?.trim() || error.message}`, { cause: error });
    });
    return stdout.trim();
  };

const answers = (host: string): Promise<boolean> =>
  clientOf(host)('info').then(
    () => true,
    () => false,
  );

/** The first of these that works: overlay2 needs a file system on which layers can be put over one another. */
const STORAGE_DRIVERS = ['overlay2', 'vfs'];

/** All containers of these tests use the network of this machine, whose rules and bridges stay as they are. */
const ON_HOST_NETWORK = ['--bridge=none', '--iptables=false', '--ip6tables=false'];

async function startOwn(): Promise<Docker> {
  if (process.getuid?.() !== 0) throw new Error('no Docker engine answers, and only root can start one');
  const reasons: string[] = [];
  for (const driver of STORAGE_DRIVERS) {
    const started = await startWith(driver).catch((error: Error) => void reasons.push(error.message));
    if (started) return started;
  }
  throw new Error(`dockerd does not start: ${reasons.join('; ')}`);
}

async function startWith(driver: string): Promise<Docker> {
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-dockerd-'));
  const host = `unix://${join(folder, 'docker.sock')}`;
  const log = join(folder, 'log');
  const output = openSync(log, 'w');
  const folders = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
  const address = ['--pidfile', join(folder, 'pid'), '--host', host];
  const daemon = spawn('dockerd', [...folders, ...address, ...ON_HOST_NETWORK, '--storage-driver', driver], {
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const ended = new Promise<string>((resolve) => {
    daemon.once('error', () => resolve('dockerd was not found: infra/setup/apt-packages.sh docker.io debootstrap'));
    daemon.once('exit', () => resolve(lastLine(log)));
  });
  const remove = (): void => {
    // dockerd leaves the network namespace of its containers mounted.
    for (const path of mountsIn(folder)) execFileSync('umount', [path]);
    rmSync(folder, { recursive: true, force: true });
  };
  const ready = eventually('dockerd answers', () => answers(host), START_LIMIT_MS).then(() => null);
  const failure = await Promise.race([ended, ready]).catch((error: Error) => error.message);
  if (failure !== null) {
    daemon.kill('SIGKILL');
    remove();
    throw new Error(`${driver}: ${failure}`);
  }
  return {
    host,
    isOwn: true,
    run: clientOf(host),
    async stop() {
      daemon.kill('SIGTERM');
      const limit = setTimeout(() => daemon.kill('SIGKILL'), STOP_LIMIT_MS);
      await ended;
      clearTimeout(limit);
      remove();
    },
  };
}

/** The innermost first. */
const mountsIn = (folder: string): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();

const lastLine = (path: string): string => readFileSync(path, 'utf8').trim().split('\n').at(-1) ?? '';
