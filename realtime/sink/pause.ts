import { DECIDED, EXCHANGED, type PauseStep, stagingOf } from '../../domain/replay.ts';
import { type ClickHouseClient, rows } from '../../infra/clients/clickhouse.ts';
import type { Log } from '../../infra/log.ts';
import { Serial } from '../../infra/serial.ts';
import { sql } from '../../infra/sql.ts';
import { releasePauses, stagedTables } from '../../infra/staged.ts';
import { exchange } from './exchange.ts';

const PAUSES_SQL = sql('clickhouse/queries/realtime_pauses.sql');

interface Pause {
  replay: number;
  step: PauseStep;
}

/**
 * Whether the sink has to stand: nothing new is begun while a replay needs the tables to stay as they are. A pause has a
 * time limit, so a replay that was killed cannot stop the sink for ever: what it has not decided by then is dropped, and
 * what it has decided is exchanged all the same.
 */
export class SinkPause {
  readonly #clickhouse: ClickHouseClient;
  readonly #exchanges: () => boolean;
  readonly #log: Log;
  #pause: Pause | null = null;
  #exchanged = 0;
  readonly #looks = new Serial();

  /** @param exchanges whether this process is the one to exchange tables; of all at most one */
  constructor(clickhouse: ClickHouseClient, exchanges: () => boolean, log: Log) {
    this.#clickhouse = clickhouse;
    this.#exchanges = exchanges;
    this.#log = log;
  }

  /** As of the last look; null: go on. */
  get pause(): Pause | null {
    return this.#pause;
  }

  /** Changes when the tables may have been exchanged: what was remembered of their rows is to be read again. */
  get exchanged(): number {
    return this.#exchanged;
  }

  /** One look after the other: what a call sees is no older than the call. */
  look(): Promise<void> {
    return this.#looks.run(() => this.#look());
  }

  async #look(): Promise<void> {
    const open = await rows<Pause & { in_force: number }>(this.#clickhouse, PAUSES_SQL);
    let standsFor: Pause | null = null;
    for (const { replay, step, in_force } of open) {
      if (await this.#holds({ replay, step }, in_force === 1)) standsFor ??= { replay, step };
    }
    const before = this.#pause;
    if (before?.replay === standsFor?.replay && before?.step === standsFor?.step) return;
    if (before?.step === 'exchange') this.#exchanged += 1;
    this.#log.info({ before, now: standsFor }, 'pause');
    this.#pause = standsFor;
  }

  async #holds(pause: Pause, isInForce: boolean): Promise<boolean> {
    const staged = await stagedTables(this.#clickhouse, pause.replay);
    if (staged.has(DECIDED) || staged.has(EXCHANGED)) {
      // From here on this process remembers what the tables said before.
      this.#pause ??= pause;
      if (!this.#exchanges()) return true;
      await exchange(this.#clickhouse, pause.replay);
      await releasePauses(this.#clickhouse, pause.replay, [pause.step]);
      this.#log.info(pause, 'tables exchanged');
      return false;
    }
    if (isInForce) return true;
    if (staged.size > 0) {
      await this.#clickhouse.command({ query: `DROP TABLE IF EXISTS ${stagingOf(pause.replay)}.clicks SYNC` });
      if ((await stagedTables(this.#clickhouse, pause.replay)).has(DECIDED)) return true;
    }
    await releasePauses(this.#clickhouse, pause.replay, [pause.step]);
    this.#log.warn(pause, 'a pause ran out: the replay that asked for it shows no life');
    return false;
  }

  /** Says that everything below the offset is stored and committed, and nothing more is begun in this pause. */
  async stands({ replay, step }: Pause, topic_partition: string, topic_offset: number): Promise<void> {
    await this.#clickhouse.insert({
      table: 'ads.sink_stands',
      values: [{ replay, step, topic_partition, topic_offset }],
      columns: ['replay', 'step', 'topic_partition', 'topic_offset'],
      format: 'JSONEachRow',
      clickhouse_settings: { async_insert: 0 },
    });
  }
}
