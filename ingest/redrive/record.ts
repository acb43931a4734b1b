import { randomUUID } from 'node:crypto';
import type { Click } from '../../domain/click/click.ts';
import { encodeClick, identityOf } from '../../domain/click/wire.ts';
import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rows } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import { digest } from './digest.ts';
import type { Rejection } from './rejection.ts';

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

export interface Sent extends Redriven {
  at: Place;
}

type Row = Click & Place & { rejection: string };
const placeOf = (topic_partition: string, topic_offset: number): Place | null =>
  topic_partition === '' ? null : { topic_partition, topic_offset };

/** Rejections that are not to be sent any more, and their clicks. Millions of them are held as digests. */
export class Settled {
  readonly #rejections = new Set<string>();
  readonly #clicks = new Set<string>();
  readonly #places = new Set<string>();

  has({ key }: Rejection): boolean {
    return this.#rejections.has(digest(key));
  }

  /**
   * Whether it agrees in every field with one that is settled. Not so if it is the very message that was sent for that
   * one: then the sink, an older one or one with another clock, has rejected it again, and it is not counted yet.
   */
  hasCopyOf({ key }: Rejection, click: Click): boolean {
    return this.#clicks.has(clickDigest(click)) && !this.#places.has(digest(key));
  }

  /** @param at where it was sent to; the key of a rejected message names its place in the same words */
  add(rejection: string, click: Click, at: Place | null): void {
    this.#rejections.add(digest(rejection));
    this.#clicks.add(clickDigest(click));
    if (at !== null) this.#places.add(digest(`${at.topic_partition}-${at.topic_offset}`));
  }
}

const clickDigest = (click: Click): string => digest(identityOf(encodeClick(click)));

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
    for await (const some of answer.stream<Row>()) {
      for (const row of some) {
        const { rejection, topic_partition, topic_offset, ...click } = row.json();
        settled.add(rejection, click, placeOf(topic_partition, topic_offset));
      }
    }
    return settled;
  }

  /** What killed re-drives may or may not have sent; `at` is where it came in, null if the sink has not met it. */
  async begun(): Promise<(Redriven & { at: Place | null })[]> {
    const found = await rows<Row & { reason: string }>(this.#clickhouse, BEGUN_SQL, {
      rejected_topic: this.#rejectedTopic,
    });
    return found.map(({ rejection, reason, topic_partition, topic_offset, ...click }) => ({
      ...{ rejection, reason, click },
      at: placeOf(topic_partition, topic_offset),
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
