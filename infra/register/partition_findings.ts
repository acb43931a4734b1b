import { iso } from '../../domain/time.ts';
import type { Log } from '../log.ts';
import { Serial } from '../serial.ts';
import { reportFinding, settleFinding } from './findings.ts';
import type { Register } from './register.ts';

/** The name of a log, as commands take it: without the generation that `clicks~2-0` has. */
export const partitionOption = (name: string): string => `--partition ${name.replace(/~\d+(?=-\d+$)/, '')}`;

/**
 * What to do with a partition whose log is not the one that was read.
 * @param name of its log
 */
export const toContinue = (name: string): string =>
  `count on under a new name: "./clickledger continue ${partitionOption(name)} --reason 'its log is another one'"`;

/** Whatever roles had found wrong with a log that goes on under another name. */
export async function settleLeft(register: Register, name: string, how: string): Promise<void> {
  for (const role of ['sink', 'archive']) await settleFinding(register, `${role}-${name}`, how);
}

/** The kind of finding after which ClickHouse may be emptied and filled again. */
export const CLICKHOUSE_OLDER = 'clickhouse_older';

/** Why a role does not go on with a partition. */
export interface PartitionProblem {
  /** The kind, as a label of a metric. */
  code: string;
  /** One sentence: what is wrong, with which messages. */
  what: string;
  /** What to do, with the command. */
  mend: string;
}

/** What a role finds wrong with its partitions, reported in the background: its work does not wait for the register. */
export class PartitionFindings {
  readonly #register: Register;
  readonly #role: string;
  readonly #undone: string;
  readonly #log: Log;
  readonly #writes = new Serial();
  readonly #continued = new Set<string>();

  /**
   * @param role begins the names of its findings
   * @param undone what is not done with a stopped partition, such as `not archived`
   */
  constructor(register: Register, role: string, undone: string, log: Log) {
    this.#register = register;
    this.#role = role;
    this.#undone = undone;
    this.#log = log;
  }

  stopped(name: string, { code, what, mend }: PartitionProblem): void {
    this.#log.error({ topic_partition: name, code }, `${this.#undone} any more: ${what}; ${mend}`);
    this.#continued.delete(name);
    this.#report(`${this.#role}-${name}`, { code, what: `${this.#undone} any more: ${what}`, mend });
  }

  /** Called with each batch. */
  continues(name: string): void {
    if (this.#continued.has(name)) return;
    this.#continued.add(name);
    this.#write(() => settleFinding(this.#register, `${this.#role}-${name}`, 'the partition goes on'));
  }

  /** Messages from this offset on have left the topic unread; the role goes on behind them. */
  expired(name: string, from: number, what: string, mend: string): void {
    this.#log.error({ topic_partition: name, from }, what);
    this.#report(`${this.#role}-expired-${name}-${from}`, { code: 'expired', what, mend });
  }

  /** Resolves when everything reported so far is on record, or failed to be. */
  async written(): Promise<void> {
    await this.#writes.ended();
  }

  #report(name: string, problem: PartitionProblem): void {
    this.#write(() => reportFinding(this.#register, name, { ...problem, range: null, found_at: iso(Date.now()) }));
  }

  #write(work: () => Promise<void>): void {
    this.#writes.run(work).catch((error) => this.#log.error({ err: error }, 'the register does not take a finding'));
  }
}
