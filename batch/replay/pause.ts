import { z } from 'zod';
import type { Cut } from '../../domain/cut.ts';
import { count } from '../../domain/fields.ts';
import type { PauseStep } from '../../domain/replay.ts';
import { rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import { TIMINGS } from '../../infra/timings.ts';
import { waitUntil } from '../../infra/wait.ts';
import { endsNow } from '../run/arrived.ts';
import type { BatchEngines } from '../run/engines.ts';

const SQL = {
  extend: sql('clickhouse/queries/replay_extend_pause.sql'),
  stands: sql('clickhouse/queries/replay_stands.sql'),
  inserts: sql('clickhouse/queries/replay_inserts_under_way.sql'),
};

const stand = z.object({ name: z.string(), offset: count });
const underWay = z.object({ inserts: count });

const { pauseLeaseMs: LEASE_MS, pauseExtendMs: EXTEND_EVERY_MS, pauseMarginMs: MARGIN_MS } = TIMINGS;
/** Current clicks are delayed at most this long; then the replay is given up. */
const LIMIT_MS = 90_000;
const STALL_LIMIT_MS = 30_000;

type Engines = Pick<BatchEngines, 'register' | 'clickhouse' | 'admin' | 'topics' | 'log' | 'signal'>;

/** The sink is paused. Everything below `offsets` is in ClickHouse, nothing else is, and no insert is in flight. */
interface HeldPause {
  offsets: Cut;
  /** Aborted when the sink has been paused for too long. */
  signal: AbortSignal;
  /** Throws if the sink may have continued. */
  assertHeld(): void;
  /** Ends the pause. */
  release(): void;
}

/** Pauses the sink, and waits until every partition has acknowledged. Ends the pause if that fails. */
export async function pauseSink(engines: Engines, replay: number, step: PauseStep): Promise<HeldPause> {
  const { clickhouse, log } = engines;
  let heldUntil = 0;
  async function extend(): Promise<void> {
    const askedAt = performance.now();
    await clickhouse.command({ query: SQL.extend, query_params: { replay, step, for_ms: LEASE_MS } });
    heldUntil = askedAt + LEASE_MS - MARGIN_MS;
  }
  await extend();
  const extending = setInterval(() => {
    extend().catch((error) => log.warn({ err: error }, 'the pause of the sink could not be extended'));
  }, EXTEND_EVERY_MS);
  const tooLong = new AbortController();
  const limit = setTimeout(
    () =>
      tooLong.abort(new Error(`the sink has been paused for ${LIMIT_MS / 1_000} s: given up, nothing was exchanged`)),
    LIMIT_MS,
  );
  const release = (): void => {
    clearInterval(extending);
    clearTimeout(limit);
  };
  const signal = AbortSignal.any([engines.signal, tooLong.signal]);
  const offsets: Cut = {};
  try {
    const partitions = Object.keys(await endsNow(engines));
    const waiting = { stallMs: STALL_LIMIT_MS, everyMs: 100, onProgress: (line: string) => log.info(line), signal };
    await waitUntil(
      'the realtime role to pause',
      async () => {
        const stands = await rowsOf(clickhouse, stand, SQL.stands, { replay, step });
        for (const { name, offset } of stands) offsets[name] = offset;
        const missing = partitions.filter((name) => offsets[name] === undefined);
        return missing.length === 0 ? null : `${missing.length} of ${partitions.length} partitions to go`;
      },
      waiting,
    );
    await waitUntil(
      'inserts in flight',
      async () => {
        const [running] = await rowsOf(clickhouse, underWay, SQL.inserts);
        return running?.inserts ? `${running.inserts} under way` : null;
      },
      waiting,
    );
  } catch (error) {
    release();
    throw error;
  }
  return {
    offsets,
    signal,
    assertHeld() {
      signal.throwIfAborted();
      if (performance.now() > heldUntil) throw new Error('the pause of the sink has expired: nothing was exchanged');
    },
    release,
  };
}
