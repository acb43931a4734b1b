import { Counter, type Registry } from 'prom-client';
import type { EventKind } from '../../domain/event_kinds.ts';
import { iso } from '../../domain/time.ts';
import type { Log } from '../../infra/log.ts';
import { findingOf, reportFinding, settleFinding } from '../../infra/register/findings.ts';
import type { Register } from '../../infra/register/register.ts';

interface Ports {
  event: EventKind;
  register: Register;
  metrics: Registry;
  log: Log;
  nowMs(): number;
}

/** Says that minutes were announced as closed ahead of the broker's clock, until that is over. */
export class BoundaryAhead {
  readonly #ports: Ports;
  readonly #name: string;
  readonly #takenBack: Counter;
  #isReported = false;
  /** In this step it was found, and could not be taken back. */
  #isStuck = false;
  /** At first unknown: a process that was killed may have reported it. */
  #isSettled = false;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#name = findingOf('publisher-boundary', ports.event);
    this.#takenBack = new Counter({
      name: 'clickledger_publisher_boundary_taken_back_total',
      help: "How often minutes had been announced as closed ahead of the broker's clock, and were taken back",
      registers: [ports.metrics],
    });
  }

  /** @param toMs to where the boundary was taken back; null: it could not be */
  async found(boundaryMs: number, toMs: number | null): Promise<void> {
    this.#isStuck = toMs === null;
    this.#isSettled = false;
    if (toMs !== null) this.#takenBack.inc();
    if (toMs === null && this.#isReported) return;
    const { log, register, nowMs } = this.#ports;
    const then = toMs === null ? 'stays there until the clock has reached it' : `is taken back to ${iso(toMs)}`;
    const what = `minutes up to ${iso(boundaryMs)} were announced as closed before the broker's clock had reached them; the boundary ${then}`;
    log.error(what);
    await reportFinding(register, this.#name, {
      code: 'boundary_ahead',
      what: `${what}. Counts are right; watermark, boundary and freshness were not`,
      mend: 'nothing for the counts; see that all clocks agree ("clickledger status" names those that do not)',
      range: null,
      found_at: iso(nowMs()),
    });
    this.#isReported = true;
  }

  /** To be called when a step was saved. */
  async stepSaved(): Promise<void> {
    if (!this.#isStuck && !this.#isSettled) {
      await settleFinding(this.#ports.register, this.#name, 'the boundary is not ahead any more');
      this.#isSettled = true;
      this.#isReported = false;
    }
    this.#isStuck = false;
  }
}
