import { rmSync } from 'node:fs';
import { DAY_MS, dayOf } from '../../domain/time.ts';
import { type Disaster, WRITE_SECONDS } from './disaster.ts';
import { readNumbers } from './numbers.ts';
import { type Site, until } from './site.ts';

const EXACT_LIMIT_MS = 240_000;
const REBUILD_LIMIT_MS = 120_000;

const lost = (name: string, ...folder: string[]): Disaster => ({
  name,
  async harm(site) {
    await site.stop();
    rmSync(site.path(...folder), { recursive: true });
  },
});

/**
 * The platform goes on after the copy was made, and is given the copy back.
 * @param goOn what the copy does not know
 */
const older = (name: string, folder: string[], goOn: (site: Site) => Promise<void>): Disaster => ({
  name,
  async harm(site) {
    await site.stop();
    const putBack = site.keepCopy(...folder);
    await site.start();
    await goOn(site);
    await site.stop();
    putBack();
  },
});

async function countMore(site: Site): Promise<void> {
  await site.lines?.write(WRITE_SECONDS);
  const { exact, why } = await until(
    () => readNumbers(site),
    ({ exact }) => exact,
    EXACT_LIMIT_MS,
  );
  if (!exact) throw new Error(`what came after the copy was not counted: ${why}`);
}

/** The next run of an ended day, which the nightly role may be counting at the moment. */
async function publish(site: Site): Promise<void> {
  const day = '2021-01-05';
  const args = ['rebuild', '--from', day, '--to', dayOf(Date.parse(day) + DAY_MS), '--reason', 'prove'];
  const { code, output } = await until(
    () => site.run(args),
    ({ code }) => code === 0,
    REBUILD_LIMIT_MS,
  );
  if (code !== 0) throw new Error(`no run was published after the copy: ${output}`);
}

export const ENGINE_DISASTERS: Disaster[] = [
  lost('clickhouse-lost', 'engines', 'clickhouse', 'data'),
  lost('elasticsearch-lost', 'engines', 'elasticsearch', 'data'),
  lost('metastore-lost', 'engines', 'hive', 'metastore'),
  lost('kafka-lost', 'engines', 'kafka', 'data'),
  older('clickhouse-older', ['engines', 'clickhouse', 'data'], countMore),
  older('elasticsearch-older', ['engines', 'elasticsearch', 'data'], countMore),
  older('archive-older', ['archive'], countMore),
  older('register-older', ['register'], publish),
];
