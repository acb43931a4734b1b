import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Annotations, annotationsOfRow } from '../../domain/click/annotations.ts';
import type { Click } from '../../domain/click/click.ts';
import { encodeClick, identityOf } from '../../domain/click/wire.ts';
import { count } from '../../domain/fields.ts';
import { parsed } from '../../domain/parse.ts';
import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import { digest } from './digest.ts';
import type { Rejection } from './rejection.ts';

const SETTLED_SQL = sql('clickhouse/queries/redrive_settled.sql');
const BEGUN_SQL = sql('clickhouse/queries/redrive_begun.sql');
const STORED_SQL = sql('clickhouse/queries/redrive_stored.sql');
const OTHERS_SQL = sql('clickhouse/queries/redrive_others.sql');

/** A rejection that is a valid click by the current rules. */
export interface Redriven {
  /** The rejection's key. */
  rejection: string;
  /** The reason it was rejected for. */
  reason: string;
  click: Click;
  annotations: Annotations;
}

const messagePosition = z.object({ topic_partition: z.string(), topic_offset: count });
type MessagePosition = z.infer<typeof messagePosition>;

export interface Sent extends Redriven {
  at: MessagePosition;
}

/** A click without a position has '' and 0. */
const settledClick = z.object({
  rejection: z.string(),
  event_id: z.string(),
  ad_id: z.string(),
  click_timestamp: z.int(),
  user_id: z.string(),
  ip: z.string(),
  country: z.string(),
  ...messagePosition.shape,
});
const begunClick = settledClick.extend({ reason: z.string(), annotations: annotationsOfRow });
const storedClick = settledClick.omit({ rejection: true });
const othersRows = z.object({ recorded: count });

const placeOf = (topic_partition: string, topic_offset: number): MessagePosition | null =>
  topic_partition === '' ? null : { topic_partition, topic_offset };

/** Rejections that must not be sent again, and their clicks. Held as digests, since there may be millions. */
export class Settled {
  readonly #rejections = new Set<string>();
  readonly #clicks = new Set<string>();
  readonly #places = new Set<string>();

  has({ key }: Rejection): boolean {
    return this.#rejections.has(digest(key));
  }

  /**
   * Whether a settled click agrees in every field. Not if the rejection is the very message that was sent for it: then
   * the sink (an older one, or with another clock) has rejected it again, and it is not counted yet.
   */
  hasCopyOf({ key }: Rejection, click: Click): boolean {
    return this.#clicks.has(clickDigest(click)) && !this.#places.has(digest(key));
  }

  /** @param at where it was sent; the key of a rejected message names its position in the same format */
  add(rejection: string, click: Click, at: MessagePosition | null): void {
    this.#rejections.add(digest(rejection));
    this.#clicks.add(clickDigest(click));
    if (at !== null) this.#places.add(digest(`${at.topic_partition}-${at.topic_offset}`));
  }
}

const clickDigest = (click: Click): string => digest(identityOf(encodeClick(click)));

/**
 * Permanent record of what was re-driven from a rejected topic (append-only table ads.redriven): 'sending' is recorded
 * before a click is sent, 'sent' after the broker has acknowledged it.
 */
export class RedriveRecord {
  readonly #clickhouse: ClickHouseClient;
  readonly #rejectedTopic: string;
  /** Distinguishes this re-drive's rows from those of others. */
  readonly #redrive = randomUUID();

  constructor(clickhouse: ClickHouseClient, rejectedTopic: string) {
    this.#clickhouse = clickhouse;
    this.#rejectedTopic = rejectedTopic;
  }

  async settled(): Promise<Settled> {
    const settled = new Settled();
    const query_params = { rejected_topic: this.#rejectedTopic };
    const answer = await this.#clickhouse.query({ query: SETTLED_SQL, query_params, format: 'JSONEachRow' });
    for await (const some of answer.stream()) {
      for (const row of some) {
        const { rejection, topic_partition, topic_offset, ...click } = parsed(settledClick, row.json(), 'ads.redriven');
        settled.add(rejection, click, placeOf(topic_partition, topic_offset));
      }
    }
    return settled;
  }

  /**
   * Clicks that killed re-drives may or may not have sent; `at` is their position, null if the sink has not seen them.
   */
  async begun(): Promise<(Redriven & { at: MessagePosition | null })[]> {
    const found = await rowsOf(this.#clickhouse, begunClick, BEGUN_SQL, { rejected_topic: this.#rejectedTopic });
    return found.map(({ rejection, reason, annotations, topic_partition, topic_offset, ...click }) => ({
      rejection,
      reason,
      click,
      annotations,
      at: placeOf(topic_partition, topic_offset),
    }));
  }

  /** Those that are stored in every field, each with the place of its last copy. */
  async stored(redriven: readonly Redriven[]): Promise<Sent[]> {
    if (redriven.length === 0) return [];
    const times = redriven.map(({ click }) => click.click_timestamp);
    const places = new Map<string, MessagePosition>();
    const params = {
      event_ids: redriven.map(({ click }) => click.event_id),
      first_at: times.reduce((first, ms) => Math.min(first, ms)),
      last_at: times.reduce((last, ms) => Math.max(last, ms)),
    };
    for (const { topic_partition, topic_offset, ...click } of await rowsOf(
      this.#clickhouse,
      storedClick,
      STORED_SQL,
      params,
    )) {
      places.set(clickDigest(click), { topic_partition, topic_offset });
    }
    return redriven.flatMap((one) => {
      const at = places.get(clickDigest(one.click));
      return at === undefined ? [] : [{ ...one, at }];
    });
  }

  /** Number of rows added by other re-drives. */
  async others(): Promise<number> {
    const query_params = { rejected_topic: this.#rejectedTopic, redrive: this.#redrive };
    const [row] = await rowsOf(this.#clickhouse, othersRows, OTHERS_SQL, query_params);
    return row?.recorded ?? 0;
  }

  /** Resolves when the rows are stored. */
  async add(
    state: 'sending' | 'sent' | 'copy',
    redriven: (Redriven & { at?: MessagePosition | null })[],
  ): Promise<void> {
    if (redriven.length === 0) return;
    const redriven_at = iso(Date.now());
    await this.#clickhouse.insert({
      table: 'redriven',
      values: redriven.map(({ rejection, reason, click, annotations, at }) => ({
        rejected_topic: this.#rejectedTopic,
        rejection,
        state,
        redrive: this.#redrive,
        reason,
        ...click,
        click_timestamp: iso(click.click_timestamp),
        annotations: Object.fromEntries(annotations),
        topic_partition: at?.topic_partition ?? '',
        topic_offset: at?.topic_offset ?? null,
        redriven_at,
      })),
      format: 'JSONEachRow',
      clickhouse_settings: { async_insert: 0 },
    });
  }
}
