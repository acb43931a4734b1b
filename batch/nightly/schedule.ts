import { createTask, parse, validate } from 'node-cron';
import { floorTo, MINUTE_MS, SECOND_MS } from '../../domain/time.ts';
import { ConfigError } from '../../infra/config.ts';

export function checkCron(pattern: string): void {
  if (!validate(pattern))
    throw new ConfigError(`NIGHTLY_CRON: is "${pattern}"; expected a cron pattern such as 0 2 * * *`);
}

/** Whether the schedule (UTC) had a tick in `(sinceMs, nowMs]`. */
export function missedTick(pattern: string, sinceMs: number, nowMs: number): boolean {
  const task = createTask(pattern, () => {}, { timezone: 'UTC' });
  const seconds = parse(pattern).second.map((second) => second * SECOND_MS);
  try {
    for (let minuteMs = floorTo(nowMs, MINUTE_MS); minuteMs + MINUTE_MS > sinceMs; minuteMs -= MINUTE_MS) {
      for (const second of seconds) {
        const ms = minuteMs + second;
        if (ms > sinceMs && ms <= nowMs && task.match(new Date(ms))) return true;
      }
    }
    return false;
  } finally {
    task.destroy();
  }
}

/** The ticks of a schedule, by whatever clock the times come from: those of the host's scheduler come by the host's. */
export class Ticks {
  readonly #pattern: string;
  #sinceMs: number;

  /** @param sinceMs ticks up to then are over */
  constructor(pattern: string, sinceMs: number) {
    this.#pattern = pattern;
    this.#sinceMs = sinceMs;
  }

  /** Whether one has come and was not taken yet. */
  isDue(nowMs: number): boolean {
    const isDue = missedTick(this.#pattern, this.#sinceMs, nowMs);
    if (!isDue) this.#sinceMs = nowMs;
    return isDue;
  }

  /** The same, by a clock that may be behind; then all up to now are over. */
  take(nowMs: number): boolean {
    if (!missedTick(this.#pattern, this.#sinceMs, nowMs)) return false;
    this.#sinceMs = nowMs;
    return true;
  }
}
