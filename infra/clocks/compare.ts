import { Gauge, type Registry } from 'prom-client';
import { type ClockReading, HOST_ITSELF, SKEW_LIMIT_MS, SKEW_TO_BROKER_LIMIT_MS, skewMs } from '../../domain/clocks.ts';
import { iso } from '../../domain/time.ts';
import type { BrokerClock } from '../clients/kafka.ts';
import type { Log } from '../log.ts';
import { reportFinding, settleFinding } from '../register/findings.ts';
import type { Register } from '../register/register.ts';

interface Watched {
  clock: Pick<BrokerClock, 'reading' | 'nowMs'>;
  /** Clocks beside those of the broker and this host, by the engine whose they are. */
  engines: ReadonlyMap<string, () => Promise<ClockReading>>;
  hostId: string;
  register: Register;
  metrics: Registry;
  log: Log;
}

/**
 * Compares the clocks of this host and of the engines with the broker's. What it returns does so once; an engine that
 * does not answer is left as it was.
 */
export function compareClocks({ clock, engines, hostId, register, metrics, log }: Watched): () => Promise<void> {
  const gauge = new Gauge({
    name: 'clickledger_clock_skew_seconds',
    help: "How far a clock is ahead of the broker's (negative: behind); of: host (where the role runs) or an engine",
    labelNames: ['of'],
    registers: [metrics],
  });
  const host = { of: 'host', name: `clock-host-${asKey(hostId)}`, named: `host ${hostId}` };

  async function judge({ of, name, named }: typeof host, reading: ClockReading, broker: ClockReading): Promise<void> {
    const ms = skewMs(reading, broker);
    gauge.set({ of }, ms / 1_000);
    if (Math.abs(ms) <= SKEW_TO_BROKER_LIMIT_MS) return settleFinding(register, name, 'the clocks agree again');
    const what = `the clock of ${named} is ${(Math.abs(ms) / 1_000).toFixed(1)} s ${ms > 0 ? 'ahead of' : 'behind'} the broker's`;
    log.warn({ of, skewMs: ms }, what);
    await reportFinding(register, name, {
      code: 'clocks_apart',
      what,
      mend: `set the clock that is wrong ("chronyc makestep" on its machine) and keep it synchronized: no two may differ by more than ${SKEW_LIMIT_MS / 1_000} s. Settled within a minute then`,
      range: null,
      found_at: iso(clock.nowMs()),
    });
  }

  return async () => {
    const broker = await clock.reading();
    await judge(host, HOST_ITSELF, broker);
    for (const [of, read] of engines) {
      try {
        await judge({ of, name: `clock-${of}`, named: of }, await read(), broker);
      } catch (error) {
        log.debug({ err: error, of }, 'its clock was not compared');
      }
    }
  };
}

const asKey = (hostId: string): string => hostId.toLowerCase().replace(/[^a-z0-9._-]/g, '-');
