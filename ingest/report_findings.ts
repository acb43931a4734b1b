import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../infra/log.ts';
import { openFindings, reportFinding, settleFinding } from '../infra/register/findings.ts';
import type { Register } from '../infra/register/register.ts';
import { findingOfFile, type LogWarning, unreadName } from './log_findings.ts';

/** Puts warnings of files on record, one after the other. The register may be away: reading does not wait for it. */
export class FindingsReporter {
  readonly #register: Register;
  readonly #hostId: string;
  readonly #log: Log;
  readonly #retryMs: number;
  readonly #waiting: LogWarning[] = [];
  readonly #closed = new AbortController();
  /** Names of open findings; null: not looked up yet. */
  #open: Set<string> | null = null;
  #reporting: Promise<void> | null = null;

  constructor(register: Register, hostId: string, retryMs: number, log: Log) {
    this.#retryMs = retryMs;
    this.#register = register;
    this.#hostId = hostId;
    this.#log = log;
  }

  warn(warning: LogWarning): void {
    if (warning.code !== 'log_found')
      this.#log.warn(warning, findingOfFile(this.#hostId, warning, Date.now()).finding.what);
    this.#waiting.push(warning);
    this.#reporting ??= this.#report();
  }

  /** Gives up what could not be put on record; the log has it. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#reporting;
  }

  async #report(): Promise<void> {
    for (;;) {
      const [warning] = this.#waiting;
      if (warning === undefined) break;
      try {
        await this.#put(warning);
        this.#waiting.shift();
      } catch (error) {
        this.#log.warn({ err: error }, 'a warning could not be put on record: tried again');
        await sleep(this.#retryMs, undefined, { signal: this.#closed.signal }).catch(() => undefined);
        if (this.#closed.signal.aborted) break;
      }
    }
    this.#reporting = null;
  }

  async #put(warning: LogWarning): Promise<void> {
    if (warning.code === 'log_found') {
      // A volume that comes back may have any number of logs, of which few were missed.
      this.#open ??= new Set((await openFindings(this.#register)).map(({ name }) => name));
      const name = unreadName(warning.generation);
      if (this.#open.has(name)) await settleFinding(this.#register, name, 'the file is there again, and is read');
      return;
    }
    const { name, finding } = findingOfFile(this.#hostId, warning, Date.now());
    await reportFinding(this.#register, name, finding);
    this.#open?.add(name);
  }
}
