import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { groupsOf } from '../domain/names.ts';
import type { RoleName } from '../infra/role.ts';
import { freePort } from '../infra/supervisor/ports.ts';
import { writeTraffic } from '../infra/traffic/traffic.ts';
import { percentiles } from './arithmetic.ts';
import type { Mix } from './clicks.ts';
import { hasCommitted } from './path.ts';
import type { Running } from './process.ts';
import type { BenchSite } from './site.ts';
import type { Round } from './types.ts';
import { until } from './until.ts';
import { meter } from './usage.ts';

const LOOK_MS = 500;

export const MEDIAN = 'freshness, median s';
export const P99 = 'freshness, p99 s';
export const CATCH_UP = 'then all counted and fresh after s';

/**
 * A platform without a backlog is about this fresh: it polls for new clicks once a second, and so does the next stage.
 */
const FRESH_S = 5;

/** All roles between a click and an answer. */
export const ALL_ROLES = ['ingest', 'realtime', 'publisher', 'archive', 'indexer', 'api'] as const satisfies RoleName[];

interface Stream extends Mix {
  /** Lines per second. */
  rate: number;
}

/** The whole platform with current clicks, and the freshness that the API reports meanwhile. */
export class LivePlatform {
  readonly #site: BenchSite;
  readonly #url: string;
  readonly #roles: Record<string, Running>;
  #written = 0;

  private constructor(site: BenchSite, url: string, roles: Record<string, Running>) {
    this.#site = site;
    this.#url = url;
    this.#roles = roles;
  }

  static async start(
    site: BenchSite,
    names: readonly RoleName[],
    settings: Record<string, string> = {},
  ): Promise<LivePlatform> {
    const port = String(await freePort());
    const roles: Record<string, Running> = {};
    for (const name of names) roles[name] = await site.startRole(name, site.folder, { API_PORT: port, ...settings });
    return new LivePlatform(site, `http://127.0.0.1:${port}/v1/status`, roles);
  }

  async during(stream: Stream, work: () => Promise<unknown>): Promise<Round> {
    const over = new AbortController();
    const log = join(this.#site.folder, 'logs', 'live.log');
    const sample = { ...stream, file: log, seed: this.#written, eventIdShare: 0.5 };
    const writing = writeTraffic({ ...sample, seconds: Number.POSITIVE_INFINITY, signal: over.signal });
    const used = meter({ ...this.#pids(), ...this.#site.engines });
    const looking = this.#look(over.signal);
    // The polling ends before the work only if a role has ended.
    await Promise.race([work(), looking]).finally(() => over.abort());
    const metered = used();
    const [{ lines }, seen] = await Promise.all([writing, looking]);
    this.#written += lines;
    const endedAt = performance.now();
    await until('every line is counted, and the API is fresh', async () => {
      const isCounted = await hasCommitted(this.#site, groupsOf('click').sink, this.#written);
      return isCounted && ((await this.#freshness()) ?? Number.POSITIVE_INFINITY) < FRESH_S;
    });
    const { p50, p99, worst } = percentiles(seen);
    return {
      phases: [{ name: 'live', rows: lines, ...metered }],
      facts: {
        [MEDIAN]: p50,
        [P99]: p99,
        'freshness, worst s': worst,
        [CATCH_UP]: (performance.now() - endedAt) / 1_000,
      },
    };
  }

  #pids(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.#roles).map(([name, { pid }]) => [name, pid]));
  }

  async #look(signal: AbortSignal): Promise<number[]> {
    const seen: number[] = [];
    while (!signal.aborted) {
      for (const role of Object.values(this.#roles)) role.check();
      const seconds = await this.#freshness();
      if (seconds !== null) seen.push(seconds);
      await delay(LOOK_MS);
    }
    return seen;
  }

  async #freshness(): Promise<number | null> {
    const status = (await (await fetch(this.#url)).json()) as { freshness_seconds: number | null };
    return status.freshness_seconds;
  }
}
