import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, onTestFinished, vi } from 'vitest';
import type { Click } from '../../domain/click/click.ts';
import { decodeEvent } from '../../domain/click/message.ts';
import { EVENT_KINDS, type EventKind, topicBeside } from '../../domain/event_kinds.ts';
import { CheckpointStore } from '../../ingest/checkpoint.ts';
import { logPattern } from '../../ingest/discover.ts';
import { Follower } from '../../ingest/log_files.ts';
import type { LogWarning } from '../../ingest/log_findings.ts';
import { createIngestMetrics } from '../../ingest/metrics.ts';
import { Monitor } from '../../ingest/monitor.ts';
import type { Outgoing } from '../../ingest/produce.ts';
import { FileProblems } from '../../ingest/report.ts';
import { readBack } from './kafkajs.ts';

interface SentEvent extends Click {
  topic: string;
  annotations: Record<string, string>;
}

/** What a test says of the site's platform. */
interface Platform {
  kinds?: EventKind[];
  canAnnotate?: (topic: string) => boolean;
}

/** What the topic's name says. */
const kindOf = (topic: string): EventKind =>
  EVENT_KINDS.find((kind) => topicBeside('clicks', kind) === topic.split('.')[0]) ?? 'click';

interface Rejected {
  reason: string;
  line?: string;
  line_base64?: string;
  line_bytes?: number;
  offset: number;
}

/** A machine with a folder of logs, and a broker that only stores what it receives. */
export class IngestSite {
  dataDir = mkdtempSync(join(tmpdir(), 'ingest-'));
  readonly clicks: SentEvent[] = [];
  readonly metrics = new Registry();
  readonly #platform: Platform;
  readonly rejected: Rejected[] = [];
  readonly warnings: LogWarning[] = [];
  /** Null: the logs in the folder of the site. */
  logGlob: string | null = null;
  /** While false, batches arrive but are never acknowledged. */
  acknowledges = true;
  readonly stores: CheckpointStore[] = [];

  constructor(platform: Platform = {}) {
    this.#platform = platform;
    mkdirSync(join(this.dataDir, 'logs'));
    onTestFinished(async () => {
      for (const store of this.stores) await store.close();
      rmSync(this.dataDir, { recursive: true, force: true });
    });
  }

  path(name: string): string {
    return join(this.dataDir, 'logs', name);
  }

  /** Appends a line for each of these users. */
  append(name: string, ...users: string[]): void {
    appendFileSync(this.path(name), users.map((user) => `${clickOf(user)}\n`).join(''));
  }

  async start(quietMs = 60_000, topic = 'clicks'): Promise<Monitor> {
    const log = pino({ level: 'silent' });
    const store = await CheckpointStore.open(this.dataDir, Date.now());
    this.stores.push(store);
    const problems = new FileProblems(log);
    const options = {
      pattern: logPattern(this.logGlob ?? join(this.dataDir, 'logs', '*.log'), this.dataDir),
      hostId: 'host',
      topic,
      quietMs,
      warn: (warning: LogWarning) => void this.warnings.push(warning),
    };
    const follower = new Follower(store, options, problems, log);
    this.metrics.clear();
    const metrics = createIngestMetrics(this.metrics);
    const { send } = this;
    const { kinds = ['click'], canAnnotate = () => false } = this.#platform;
    const topics = { partitionsOf: () => 8, canAnnotate };
    return new Monitor({ store, follower, problems, send, topics, kinds: new Set(kinds), metrics, log });
  }

  get users(): string[] {
    return this.clicks.map(({ user_id }) => user_id);
  }

  get distinctIds(): number {
    return new Set(this.clicks.map(({ event_id }) => event_id)).size;
  }

  readonly send = async ({ events, rejected }: Outgoing): Promise<void> => {
    for (const [topic, partitions] of events) {
      for (const { value } of partitions.flatMap(readBack)) {
        const decoded = decodeEvent(value as Buffer, kindOf(topic), Date.now());
        if (!decoded.ok) throw new Error(decoded.reason);
        this.clicks.push({ ...decoded.click, topic, annotations: Object.fromEntries(decoded.annotations) });
      }
    }
    for (const { value } of readBack(rejected)) this.rejected.push(JSON.parse(String(value)));
    if (!this.acknowledges) await new Promise(() => undefined);
  };
}

export const clickOf = (user: string): string =>
  `[AdClickEvent] ad001, 2021-01-01 00:00:01, ${user}, 207.48.22.22, USA`;

export const users = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `user ${from + index}`);

/** A busy disk may take seconds to make one checkpoint durable. */
export const untilTrue = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 45_000, interval: 20 });

/** Each of these lines arrived, each with its own id. */
export const sentOnce = (site: IngestSite, expected: string[]): Promise<void> =>
  untilTrue(() => {
    expect(site.users.toSorted()).toEqual(expected.toSorted());
    expect(site.distinctIds).toBe(expected.length);
  });
