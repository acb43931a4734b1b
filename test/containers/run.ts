import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sha256Hex } from '../../infra/hash.ts';
import { ROLES, type RoleName } from '../../infra/role.ts';
import { freePort } from '../../infra/supervisor/ports.ts';
import { Clicks } from './clicks.ts';
import { type Docker, openDocker } from './docker.ts';
import { folderOfImage, giveFoldersToImage, giveToImage, SECRETS, startHostEngines } from './host_engines.ts';
import { baseImage, buildImage } from './image.ts';
import { runCommand, type Site, startRole, untilHealthy } from './roles.ts';
import { Steps } from './steps.ts';

/** Builds our image and runs every role from it: counts are exact, whatever container is killed. See docs/operations.md. */
const LIMIT_MS = 600_000;
const SIZE_LIMIT_MB = 350;
const STOP_LIMIT_S = 15;
const OUTPUT_SHOWN = 6_000;
const BATCHES_BEFORE = 20;
const DAY = '2021-03-01';
const NEXT_DAY = '2021-03-02';
/** One after the other, each while the others count. */
const KILLED: RoleName[] = ['realtime', 'ingest', 'archive', 'publisher', 'indexer', 'api'];

const steps = new Steps();
/** What is to be done at the end, last first, however the run ends. */
const cleanups: (() => Promise<void> | void)[] = [];

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-containers-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const docker = await withImage();
  const secrets = join(folder, 'secrets');
  mkdirSync(secrets);
  const engines = await steps.run(
    'engines, on the host',
    () => startHostEngines(join(folder, 'engines'), secrets),
    () => 'ready',
  );
  cleanups.push(() => engines.stop());
  const token = randomBytes(24).toString('hex');
  giveToImage(join(secrets, 'api_tokens'), `ops:admin:${sha256Hex(token)}\n`);
  const apiPort = await freePort();
  const site: Site = {
    docker,
    label: `clickledger-test-${randomBytes(3).toString('hex')}`,
    dataDir: folderOfImage(join(folder, 'state')),
    logs: folderOfImage(join(folder, 'logs')),
    secrets,
    settings: {
      ...engines.settings,
      DATA_DIR: join(folder, 'state'),
      LOG_GLOB: join(folder, 'logs', '*.log'),
      HOST_ID: 'containers',
      EVENT_KINDS: 'click',
      API_PORT: String(apiPort),
      API_TOKENS_FILE: join(SECRETS, 'api_tokens'),
    },
  };
  cleanups.push(() => removeContainers(site));
  const names = await startPlatform(site);
  await countUnderKills(site, names, (ad) => askApi(apiPort, token, ad));
  await steps.run('docker stop', () => stopAll(site, [...names.values()]), asSaid);
  await engines.stop();
  await steps.run('tests with testcontainers', () => testcontainers(site), asSaid);
}

async function withImage(): Promise<Docker> {
  const docker = await steps.run('Docker engine', openDocker, async ({ isOwn, run }) => {
    const facts = await run('info', '--format', '{{.ServerVersion}}, {{.Driver}}, cgroup v{{.CgroupVersion}}');
    return `${facts}${isOwn ? ', started for this run' : ''}`;
  });
  cleanups.push(() => docker.stop());
  const base = await steps.run(
    'base image',
    () => baseImage(docker),
    ({ said }) => said,
  );
  await steps.run(
    'our image',
    () => buildImage(docker, base),
    (megabytes) => {
      if (megabytes > SIZE_LIMIT_MB) throw new Error(`it adds ${megabytes} MB to its base, ${SIZE_LIMIT_MB} at most`);
      return `${megabytes} MB over its base`;
    },
  );
  return docker;
}

async function startPlatform(site: Site): Promise<Map<RoleName, string>> {
  await steps.run('migrate, in a container', () => runCommand(site, 'migrate'), asSaid);
  giveFoldersToImage(site.dataDir);
  const names = await steps.run(
    'every role, and realtime twice',
    () => startAll(site),
    () => 'all healthy',
  );
  await steps.run('rights in a container', () => rightsIn(site.docker, String(names.get('realtime'))), asSaid);
  return names;
}

async function countUnderKills(site: Site, names: Map<RoleName, string>, ask: Ask): Promise<void> {
  const clicks = new Clicks(site.logs, DAY);
  const counted = () => clicks.untilCounted(async (ad) => (await ask(ad)).count);
  const said = () => `${clicks.lines} lines, ${clicks.total} clicks, as many counted by the API`;
  for (let i = 0; i < BATCHES_BEFORE; i++) clicks.write();
  await steps.run('clicks, some twice', counted, said);
  await steps.run(
    'SIGKILL of containers under load',
    async () => {
      await clicks.writeDuring(async () => {
        for (const role of KILLED) await killAndStart(site, String(names.get(role)));
      });
      await counted();
    },
    () => `${KILLED.join(', ')}: ${said()}`,
  );
  await steps.run(
    'rebuild, in a container',
    () => rebuild(site),
    async (printed) => {
      await counted();
      const { status } = (await ask('box-0')).receipt;
      if (status !== 'final') throw new Error(`the day is ${status}`);
      return `${printed}; the API: the same counts, ${status}`;
    },
  );
  await steps.run(
    'conservation',
    () => rulesThatHold(site),
    (rules) => `all ${rules} rules hold`,
  );
}

interface Answer {
  count: number;
  receipt: { status: string };
}
type Ask = (ad: string) => Promise<Answer>;

async function askApi(port: number, token: string, ad: string): Promise<Answer> {
  const url = `http://127.0.0.1:${port}/v1/ads/${ad}/aggregated_count?from=${DAY}&to=${NEXT_DAY}`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

const asSaid = (said: string): string => said;

/** test/containers.engines.test.ts, whose engines testcontainers starts. */
async function testcontainers({ docker }: Site): Promise<string> {
  const env = {
    ...process.env,
    DOCKER_HOST: docker.host,
    CONTAINER_ENGINES: docker.isOwn ? 'made here' : 'official',
    // Its reaper is an image that cannot be pulled; what it would remove is removed with this run.
    TESTCONTAINERS_RYUK_DISABLED: 'true',
    TESTCONTAINERS_HOST_OVERRIDE: 'localhost',
  };
  const { stdout } = await promisify(execFile)(
    'npx',
    ['vitest', 'run', '--config', 'test/containers/vitest.config.ts'],
    {
      env,
    },
  ).catch((error: Error & { stdout: string }) => {
    throw new Error(error.stdout.slice(-OUTPUT_SHOWN));
  });
  return `${stdout.trim().split('\n').at(-1)}, engines ${env.CONTAINER_ENGINES}`;
}

async function startAll(site: Site): Promise<Map<RoleName, string>> {
  const names = new Map<RoleName, string>();
  for (const role of ROLES) names.set(role, await startRole(site, role));
  const second = await startRole(site, 'realtime', 2);
  for (const name of [...names.values(), second]) await untilHealthy(site, name);
  return names;
}

async function rightsIn(docker: Docker, name: string): Promise<string> {
  const user = await docker.run('exec', name, 'id', '-u');
  if (user === '0') throw new Error('it runs as root');
  const written = await docker.run('exec', name, 'touch', '/opt/clickledger/x').then(
    () => true,
    (error: Error) => !/Read-only file system/.test(error.message),
  );
  if (written) throw new Error('its root file system can be written to');
  const rights = await docker.run('exec', name, 'grep', 'CapEff', '/proc/1/status');
  if (!/\b0+$/.test(rights)) throw new Error(`it has rights: ${rights}`);
  return `user ${user}, read-only root file system, no capabilities`;
}

async function killAndStart(site: Site, name: string): Promise<void> {
  await site.docker.run('kill', '--signal', 'KILL', name);
  await site.docker.run('start', name);
  await untilHealthy(site, name);
}

async function rebuild(site: Site): Promise<string> {
  const period = ['--event', 'click', '--from', DAY, '--to', NEXT_DAY];
  return runCommand(site, 'rebuild', ...period, '--reason', 'test in containers');
}

/** How many rules there are, if none is broken. */
async function rulesThatHold(site: Site): Promise<number> {
  const status: { conservation: { rule: string; ok: boolean }[] } = JSON.parse(
    await runCommand(site, 'status', '--json'),
  );
  const broken = status.conservation.filter(({ ok }) => !ok).map(({ rule }) => rule);
  if (broken.length > 0) throw new Error(broken.join('; '));
  return status.conservation.length;
}

async function stopAll(site: Site, names: string[]): Promise<string> {
  const seconds: number[] = [];
  for (const name of names) {
    const startedMs = performance.now();
    await site.docker.run('stop', '--time', '30', name);
    seconds.push((performance.now() - startedMs) / 1_000);
    const code = await site.docker.run('inspect', '--format', '{{.State.ExitCode}}', name);
    if (code !== '0') throw new Error(`${name} ended with ${code}`);
  }
  const slowest = Math.max(...seconds);
  if (slowest > STOP_LIMIT_S) throw new Error(`one took ${slowest.toFixed(1)} s, ${STOP_LIMIT_S} at most`);
  return `${names.length} containers ended with 0, the slowest in ${slowest.toFixed(1)} s`;
}

async function removeContainers({ docker, label }: Site): Promise<void> {
  const ids = await docker.run('ps', '--all', '--quiet', '--filter', `label=${label}`);
  if (ids !== '') await docker.run('rm', '--force', '--volumes', ...ids.split('\n'));
}

async function cleanUp(): Promise<void> {
  for (const clean of cleanups.reverse()) {
    await Promise.resolve(clean()).catch((error: Error) => steps.fail(`left behind: ${error.message}`));
  }
}

let limit: NodeJS.Timeout | undefined;
const tooLong = new Promise<never>((_resolve, reject) => {
  const end = (why: string) => reject(new Error(why));
  limit = setTimeout(() => end(`not done after ${LIMIT_MS / 60_000} minutes`), LIMIT_MS);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => end(signal));
});
await Promise.race([run(), tooLong]).catch((error: Error) => steps.fail(error.message));
clearTimeout(limit);
await cleanUp();
steps.print();
process.exit(steps.hasFailed ? 1 : 0);
