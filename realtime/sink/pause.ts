import { z } from 'zod';
import { DECIDED, EXCHANGED, pauseStep } from '../../domain/replay.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import type { Log } from '../../infra/log.ts';
import type { Register } from '../../infra/register/register.ts';
import { endOf, endReplay } from '../../infra/register/replays.ts';
import { Serial } from '../../infra/serial.ts';
import { sql } from '../../infra/sql.ts';
import { releasePauses, stagedTables } from '../../infra/staged.ts';
import { exchange } from './exchange.ts';

const PAUSES_SQL = sql('clickhouse/queries/realtime_pauses.sql');

const pauseRow = z.object({ replay: z.int().min(1), step: pauseStep, in_force: z.literal([0, 1]) });
type Pause = Omit<z.infer<typeof pauseRow>, 'in_force'>;

/**
 * Whether the sink is paused: nothing new is started while a replay needs the tables unchanged. A pause has a time
 * limit, so a killed replay cannot stop the sink for ever: an undecided replay is dropped then, and a decided one is
 * exchanged all the same.
 */
export class SinkPause {
  readonly #clickhouse: ClickHouseClient;
  readonly #register: Register;
  readonly #exchanges: () => boolean;
  readonly #log: Log;
  #pause: Pause | null = null;
  #exchanged = 0;
  readonly #refreshes = new Serial();

  /**
   * @param register that of the kind of event
   * @param exchanges whether this process exchanges the tables; at most one does
   */
  constructor(clickhouse: ClickHouseClient, register: Register, exchanges: () => boolean, log: Log) {
    this.#clickhouse = clickhouse;
    this.#register = register;
    this.#exchanges = exchanges;
    this.#log = log;
  }

  /** As of the last refresh; null: not paused. */
  get pause(): Pause | null {
    return this.#pause;
  }

  /** Changes when the tables may have been exchanged: whatever was cached from their rows must be read again. */
  get exchanged(): number {
    return this.#exchanged;
  }

  /** Refreshes are serialized: the result is no older than the call. */
  refresh(): Promise<void> {
    return this.#refreshes.run(() => this.#readPause());
  }

  async #readPause(): Promise<void> {
    const open = await rowsOf(this.#clickhouse, pauseRow, PAUSES_SQL);
    let current: Pause | null = null;
    for (const { replay, step, in_force } of open) {
      if (await this.#isInForce({ replay, step }, in_force === 1)) current ??= { replay, step };
    }
    const before = this.#pause;
    if (before?.replay === current?.replay && before?.step === current?.step) return;
    if (before?.step === 'exchange') this.#exchanged += 1;
    this.#log.info({ before, now: current }, 'pause');
    this.#pause = current;
  }

  async #isInForce(pause: Pause, isInForce: boolean): Promise<boolean> {
    if (await this.#isDecided(pause.replay, isInForce)) {
      // From here on this process has data cached from before the exchange.
      this.#pause ??= pause;
      if (!this.#exchanges()) return true;
      await exchange(this.#clickhouse, pause.replay);
      await releasePauses(this.#clickhouse, pause.replay, [pause.step]);
      this.#log.info(pause, 'tables exchanged');
      return false;
    }
    if (isInForce) return true;
    await releasePauses(this.#clickhouse, pause.replay, [pause.step]);
    this.#log.warn(pause, 'a pause expired: the replay that requested it has stopped responding');
    return false;
  }

  /** A replay whose pause has expired is given up, unless it was decided before. */
  async #isDecided(replay: number, isInForce: boolean): Promise<boolean> {
    const staged = await stagedTables(this.#clickhouse, replay);
    // Releases without a register decided by a name.
    if (staged.has(DECIDED) || staged.has(EXCHANGED)) return true;
    const end = isInForce ? await endOf(this.#register, replay) : await endReplay(this.#register, replay, 'given up');
    return end === 'decided';
  }

  /** Records that everything below the offset is stored and committed, and nothing more is started in this pause. */
  async acknowledge({ replay, step }: Pause, topic_partition: string, topic_offset: number): Promise<void> {
    await this.#clickhouse.insert({
      table: 'sink_stands',
      values: [{ replay, step, topic_partition, topic_offset }],
      columns: ['replay', 'step', 'topic_partition', 'topic_offset'],
      format: 'JSONEachRow',
      clickhouse_settings: { async_insert: 0 },
    });
  }
}
