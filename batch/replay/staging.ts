import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { z } from 'zod';
import { type EncodedRows, ROW_COLUMNS } from '../../domain/click/wire.ts';
import type { Cut } from '../../domain/cut.ts';
import { ofReplay, type PauseStep, pauseStep, stagingOf } from '../../domain/replay.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql, statements } from '../../infra/sql.ts';
import { releasePauses } from '../../infra/staged.ts';
import { type Held, held } from './record.ts';

const SQL = {
  stage: sql('clickhouse/replay/stage.sql'),
  clone: sql('clickhouse/replay/clone.sql'),
  forget: sql('clickhouse/replay/forget.sql'),
  views: sql('clickhouse/replay/views.sql'),
  otherViews: sql('clickhouse/replay/other_views.sql'),
  rest: sql('clickhouse/replay/rest.sql'),
  counts: sql('clickhouse/replay/counts.sql'),
  unview: sql('clickhouse/replay/unview.sql'),
  unreleased: sql('clickhouse/queries/replay_unreleased.sql'),
};

const viewName = z.object({ name: z.string() });
const unreleasedStep = z.object({ step: pauseStep });

/** Equal blocks are intended: each replay fills its tables from nothing, and is never resumed. */
const NO_TOKENS = { insert_deduplicate: 0 } as const;

/** `[from, to)` */
export interface Days {
  from: string;
  to: string;
}

/** The tables that one replay stages, from their creation to the commit point. */
export class Staging {
  readonly #clickhouse: ClickHouseClient;
  readonly #replay: number;
  readonly #days: Days;

  constructor(clickhouse: ClickHouseClient, replay: number, { from, to }: Days) {
    this.#clickhouse = clickhouse;
    this.#replay = replay;
    this.#days = { from, to };
  }

  create = (): Promise<void> => this.#run('stage', SQL.stage);

  /** Clones the current months of the real-time tables. */
  async clone(months: string[]): Promise<void> {
    for (const month of months) await this.#run('clone', SQL.clone, { month });
  }

  /** Deletes the days from the clone, and makes its rollups follow later inserts. */
  async empty(): Promise<void> {
    await this.#run('forget', SQL.forget, this.#days);
    await this.#run('views', SQL.views);
    const other = await rowsOf(this.#clickhouse, viewName, this.#ofThis(SQL.otherViews));
    if (other.length > 0) {
      throw new Error(`a replay does not know how ${other.map(({ name }) => name).join(', ')} fills its table`);
    }
  }

  /** Adds the sink's rows of other days at `[from, to)`. */
  async addRest(months: string[], from: Cut, to: Cut): Promise<void> {
    for (const [topic_partition, to_offset] of Object.entries(to)) {
      const from_offset = from[topic_partition] ?? 0;
      if (to_offset <= from_offset) continue;
      await this.#run('rest', SQL.rest, { ...this.#days, topic_partition, from_offset, to_offset, months });
    }
  }

  async insert(table: 'clicks' | 'copies_dropped', { count, bytes }: EncodedRows): Promise<void> {
    if (count === 0) return;
    const { stream } = await this.#clickhouse.exec({
      query: this.#ofThis(`INSERT INTO {staging}.${table} (${ROW_COLUMNS}) FORMAT RowBinary`),
      query_id: this.#id(table),
      values: Readable.from([bytes], { objectMode: false }),
      clickhouse_settings: { ...NO_TOKENS, wait_end_of_query: 1 },
    });
    await finished(stream.resume());
  }

  async held(): Promise<Held> {
    const [found] = await rowsOf(this.#clickhouse, held, this.#ofThis(SQL.counts), { ...this.#days });
    if (!found) throw new Error('ClickHouse did not count what is staged');
    return found;
  }

  /** Nothing is to be filled any more. */
  unview = (): Promise<void> => this.#run('unview', SQL.unview);

  async #run(step: string, text: string, query_params: object = {}): Promise<void> {
    for (const statement of statements(this.#ofThis(text))) {
      await this.#clickhouse.command({
        query: statement,
        query_params: { ...query_params },
        query_id: this.#id(step),
        clickhouse_settings: NO_TOKENS,
      });
    }
  }

  #ofThis = (text: string): string => ofReplay(text, this.#clickhouse.database, this.#replay);
  #id = (step: string): string => this.#ofThis(`clickledger-replay-{staging}-${step}-${randomUUID()}`);
}

export async function dropStaging(clickhouse: ClickHouseClient, replay: number): Promise<void> {
  await clickhouse.command({ query: `DROP DATABASE IF EXISTS ${stagingOf(clickhouse.database, replay)} SYNC` });
}

/** Pauses that the sink still has to obey. */
export async function unreleased(clickhouse: ClickHouseClient, replay: number): Promise<PauseStep[]> {
  const found = await rowsOf(clickhouse, unreleasedStep, SQL.unreleased, { replay });
  return found.map(({ step }) => step);
}

export async function releaseSink(clickhouse: ClickHouseClient, replay: number): Promise<void> {
  await releasePauses(clickhouse, replay, await unreleased(clickhouse, replay));
}
