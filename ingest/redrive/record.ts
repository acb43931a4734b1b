import { randomUUID } from 'node:crypto';
import type { Click } from '../../domain/click.ts';
import { iso } from '../../domain/time.ts';
import { encodeClick, identityOf } from '../../domain/wire.ts';
import { type ClickHouseClient, rows } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import { digest } from './digest.ts';

const SETTLED_SQL = sql('clickhouse/queries/redrive_settled.sql');
const BEGUN_SQL = sql('clickhouse/queries/redrive_begun.sql');
const OTHERS_SQL = sql('clickhouse/queries/redrive_others.sql');

/** A rejection that is a click by now. */
export interface Redriven {
  /** The rejection's key. */
  rejection: string;
  /** That it was rejected for. */
  reason: string;
  click: Click;
}

interface Place {
  topic_partition: string;
  topic_offset: number;
}

/** Rejections that are not to be sent any more, and their clicks. Millions of them are held as digests. */
export class Settled {
  readonly #rejections = new Set<string>();
  readonly #clicks = new Set<string>();

  hasRejection(key: string): boolean {
    return this.#rejections.has(digest(key));
  }

  /** Whether it agrees in every field with one that is settled. */
  hasClick(click: Click): boolean {
    return this.#clicks.has(digest(identityOf(encodeClick(click))));
  }

  add(rejection: string, click: Click): void {
    this.#rejections.add(digest(rejection));
    this.#clicks.add(digest(identityOf(encodeClick(click))));
  }
}

/**
 * What was re-driven from a rejected topic, for ever (table ads.redriven, to which rows are only added): 'sending' is
 * on record before a click is sent, 'sent' after the broker has acknowledged it.
 */
export class RedriveRecord {
  readonly #clickhouse: ClickHouseClient;
  readonly #rejectedTopic: string;
  /** Tells this re-drive's rows from those of others. */
  readonly #redrive = randomUUID();

  constructor(clickhouse: ClickHouseClient, rejectedTopic: string) {
    this.#clickhouse = clickhouse;
    this.#rejectedTopic = rejectedTopic;
  }

  async settled(): Promise<Settled> {
    const settled = new Settled();
    const query_params = { rejected_topic: this.#rejectedTopic };
    const answer = await this.#clickhouse.query({ query: SETTLED_SQL, query_params, format: 'JSONEachRow' });
    for await (const some of answer.stream<Click & { rejection: string }>()) {
      for (const row of some) {
        const { rejection, ...click } = row.json();
        settled.add(rejection, click);
      }
    }
    return settled;
  }

  /** What killed re-drives may or may not have sent; `at` is where it came in, null if the sink has not met it. */
  async begun(): Promise<(Redriven & { at: Place | null })[]> {
    type Row = Click & Place & { rejection: string; reason: string };
    const found = await rows<Row>(this.#clickhouse, BEGUN_SQL, { rejected_topic: this.#rejectedTopic });
    return found.map(({ rejection, reason, topic_partition, topic_offset, ...click }) => ({
      ...{ rejection, reason, click },
      at: topic_partition === '' ? null : { topic_partition, topic_offset },
    }));
  }

  /** How many rows were added by any re-drive but this one. */
  async others(): Promise<number> {
    const query_params = { rejected_topic: this.#rejectedTopic, redrive: this.#redrive };
    const [row] = await rows<{ recorded: number }>(this.#clickhouse, OTHERS_SQL, query_params);
    return row?.recorded ?? 0;
  }

  /** On return it is stored. */
  async add(state: 'sending' | 'sent' | 'copy', redriven: (Redriven & { at?: Place | null })[]): Promise<void> {
    if (redriven.length === 0) return;
    const redriven_at = iso(Date.now());
    await this.#clickhouse.insert({
      table: 'ads.redriven',
      values: redriven.map(({ rejection, reason, click, at }) => ({
        rejected_topic: this.#rejectedTopic,
        rejection,
        state,
        redrive: this.#redrive,
        reason,
        ...click,
        click_timestamp: iso(click.click_timestamp),
        topic_partition: at?.topic_partition ?? '',
        topic_offset: at?.topic_offset ?? null,
        redriven_at,
      })),
      format: 'JSONEachRow',
      clickhouse_settings: { async_insert: 0 },
    });
  }
}
