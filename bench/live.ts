import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { realtimePartitions } from '../domain/ad_minutes.ts';
import type { EventKind } from '../domain/event_kinds.ts';
import { stateIndexOf } from '../domain/names.ts';
import { freshnessMs } from '../domain/watermark.ts';
import { createElasticsearch, type ElasticsearchClient } from '../infra/clients/elasticsearch.ts';
import type { RoleName } from '../infra/role.ts';
import { freePort } from '../infra/supervisor/ports.ts';
import { AD_MINUTES_PARTITIONS } from '../infra/topics.ts';
import { writeTraffic } from '../infra/traffic/traffic.ts';
import { readIndexerState } from '../serving/api/stores/search_state.ts';
import { percentiles } from './arithmetic.ts';
import type { Mix } from './clicks.ts';
import { hasCommitted, sinkReads } from './path.ts';
import type { Running } from './process.ts';
import type { BenchSite } from './site.ts';
import type { Round } from './types.ts';
import { until } from './until.ts';
import { meter } from './usage.ts';

const LOOK_MS = 500;

export const MEDIAN = 'freshness, median s';
export const P99 = 'freshness, p99 s';
export const CATCH_UP = 'then all counted and fresh after s';
/** The rate of the events that come beside the clicks. */
export const BESIDE_PER_SECOND = 'beside, events/s';
export const BESIDE_P99 = 'beside, freshness, p99 s';

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

/** Events of another kind at the same time. */
interface Burst extends Stream {
  kind: Exclude<EventKind, 'click'>;
}

/** The whole platform with current clicks, and the freshness that the API reports meanwhile. */
export class LivePlatform {
  readonly #site: BenchSite;
  readonly #url: string;
  readonly #roles: Record<string, Running>;
  readonly #elasticsearch: ElasticsearchClient;
  /** How many events of each kind. */
  readonly #written = { click: 0, impression: 0, conversion: 0 };

  private constructor(site: BenchSite, url: string, roles: Record<string, Running>) {
    this.#site = site;
    this.#url = url;
    this.#roles = roles;
    this.#elasticsearch = createElasticsearch(site.urls.elasticsearch);
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

  /** @param burst comes beside the stream of clicks, in a log of its own */
  async during(stream: Stream, work: () => Promise<unknown>, burst?: Burst): Promise<Round> {
    const over = new AbortController();
    const writing = this.#write({ ...stream, kind: 'click' }, over.signal);
    const bursting = burst && this.#write(burst, over.signal);
    const used = meter({ ...this.#pids(), ...this.#site.engines });
    const looking = Promise.all([
      this.#look(() => this.#freshness(), over.signal),
      burst ? this.#look(() => this.#freshnessOf(burst.kind), over.signal) : [],
    ]);
    // The polling ends before the work only if a role has ended.
    await Promise.race([work(), looking]).finally(() => over.abort());
    const metered = used();
    const [lines, beside = 0, [seen, seenBeside]] = await Promise.all([writing, bursting, looking]);
    const endedAt = performance.now();
    await until('every line is counted, and all is fresh', () => this.#hasCaughtUp(burst?.kind));
    const { p50, p99, worst } = percentiles(seen);
    return {
      phases: [{ name: 'live', rows: lines, ...metered }],
      facts: {
        [MEDIAN]: p50,
        [P99]: p99,
        'freshness, worst s': worst,
        [CATCH_UP]: (performance.now() - endedAt) / 1_000,
        ...(burst && {
          [BESIDE_PER_SECOND]: beside / metered.seconds,
          [BESIDE_P99]: percentiles(seenBeside).p99,
        }),
      },
    };
  }

  /** Returns how many events were written when it was told to end. */
  async #write({ kind, ...stream }: Stream & { kind: EventKind }, signal: AbortSignal): Promise<number> {
    const file = join(this.#site.folder, 'logs', `live-${kind}.log`);
    const sample = { ...stream, kind, file, seed: this.#written[kind], eventIdShare: 0.5 };
    const { lines } = await writeTraffic({ ...sample, seconds: Number.POSITIVE_INFINITY, signal });
    this.#written[kind] += lines;
    return lines;
  }

  async #hasCaughtUp(beside: Burst['kind'] | undefined): Promise<boolean> {
    const isFresh = (seconds: number | null): boolean => seconds !== null && seconds < FRESH_S;
    const isCounted = (kind: EventKind) => hasCommitted(this.#site, sinkReads([kind]), this.#written[kind]);
    if (!(await isCounted('click')) || !isFresh(await this.#freshness())) return false;
    return beside === undefined || ((await isCounted(beside)) && isFresh(await this.#freshnessOf(beside)));
  }

  #pids(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.#roles).map(([name, { pid }]) => [name, pid]));
  }

  async #look(freshness: () => Promise<number | null>, signal: AbortSignal): Promise<number[]> {
    const seen: number[] = [];
    while (!signal.aborted) {
      for (const role of Object.values(this.#roles)) role.check();
      const seconds = await freshness();
      if (seconds !== null) seen.push(seconds);
      await delay(LOOK_MS);
    }
    return seen;
  }

  async #freshness(): Promise<number | null> {
    const status = (await (await fetch(this.#url)).json()) as { freshness_seconds: number | null };
    return status.freshness_seconds;
  }

  /** How fresh a kind other than clicks is: as far as the indexer has applied it. */
  async #freshnessOf(event: EventKind): Promise<number | null> {
    const { watermarkMs } = await readIndexerState({
      elasticsearch: this.#elasticsearch,
      event,
      stateIndex: stateIndexOf(event),
      realtimePartitions: realtimePartitions(AD_MINUTES_PARTITIONS),
    });
    const { allowedLatenessMs } = this.#site.config;
    const freshMs = watermarkMs === null ? null : freshnessMs(watermarkMs, allowedLatenessMs, Date.now());
    return freshMs === null ? null : freshMs / 1_000;
  }
}
