import { setTimeout as delay } from 'node:timers/promises';
import { ClickHouseError } from '@clickhouse/client';
import type { Arrived } from '../../infra/clients/kafka.ts';
import type { Log } from '../../infra/log.ts';
import type { PartitionProblem } from '../../infra/register/partition_findings.ts';
import type { Block } from './block.ts';
import type { Progress } from './intent.ts';
import { type Message, Waiting } from './waiting.ts';

/** Rows per block: larger blocks cost no less per row. */
const MAX_BLOCK_ROWS = 100_000;
/** Waiting rows in all partitions together, so that memory does not depend on their number. */
const MAX_WAITING = 400_000;
const RETRY_MS = 500;

interface WriterPorts {
  /** False when the partition is no longer ours: all work on it is dropped. */
  owned(): Promise<boolean>;
  commit(progress: Progress): Promise<void>;
  /** Whether nothing new may be started now; a started range is finished all the same. */
  paused(): boolean;
  /** Called repeatedly while paused, with the offset below which everything is committed. */
  acknowledgePause(offset: number): Promise<void>;
  build(messages: Message[]): Promise<Block>;
  /** How far ClickHouse's tables are written, as kept with an intent. */
  inserts(): Promise<number[] | null>;
  /** Why a block whose insert was begun before must not be written; null: it may. */
  judge(block: Block, begun: Progress): Promise<PartitionProblem | null>;
  insert(block: Block): Promise<void>;
  reject(block: Block): Promise<void>;
  /** Called once when nothing more may be written. */
  stopped(problem: PartitionProblem): void;
  log: Log;
}

class Doubt extends Error {
  readonly problem: PartitionProblem;

  constructor(problem: PartitionProblem) {
    super(problem.what);
    this.problem = problem;
  }
}

/** Rows per block for this number of partitions: in each, one block is written while the next one waits. */
export const blockRows = (partitions: number): number => Math.min(MAX_BLOCK_ROWS, Math.ceil(MAX_WAITING / partitions));

/**
 * Writes one partition into ClickHouse, block by block: intent, insert, commit. The commit that ends a block is also
 * the intent of the next one if that is already due.
 */
export class PartitionWriter {
  readonly #ports: WriterPorts;
  #progress: Progress;
  readonly #waiting = new Waiting();
  #expected: number;
  #isTurn = false;
  #stopped = false;
  #flushing: Promise<void> | null = null;
  readonly #blockRows: number;

  constructor(progress: Progress, rowsOfBlock: number, ports: WriterPorts) {
    this.#progress = progress;
    this.#expected = progress.offset;
    this.#blockRows = rowsOfBlock;
    this.#ports = ports;
  }

  /** The offset of the next message to append, whether or not earlier ones are written. */
  get expected(): number {
    return this.#expected;
  }

  get backlog(): number {
    return this.#waiting.length;
  }

  /** A whole block is waiting: reading must stop until it is written. */
  get isFull(): boolean {
    return this.#waiting.length >= Math.max(this.#blockRows, this.#pendingRows);
  }

  /** Size of a pending range, which may be from another process with larger blocks: it is written whole. */
  get #pendingRows(): number {
    const { offset, pending } = this.#progress;
    return pending === null ? 0 : pending - offset;
  }

  get idle(): Promise<void> {
    return this.#flushing ?? Promise.resolve();
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Nothing more is appended or written. What is committed stays, so that whoever takes over finds the same. */
  stop(problem: PartitionProblem): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#ports.stopped(problem);
  }

  append(messages: readonly Arrived[]): void {
    this.#waiting.add(messages);
    const last = messages.at(-1);
    if (last) this.#expected = last.offsetNumber + 1;
  }

  /** Whether an insert was begun of which it is not known whether it happened. */
  get isPending(): boolean {
    return this.#progress.pending !== null;
  }

  /** Messages below `offset` have left Kafka uncounted: there is nothing left to wait for. */
  skipTo(offset: number): void {
    this.#progress = { ...this.#progress, offset, before: null };
    this.#expected = offset;
  }

  /**
   * Writes what is due: whole blocks at any time, and everything waiting when it is this partition's turn. Rejects only
   * on unexpected failures.
   */
  flush(isTurn: boolean): Promise<void> {
    if (this.#stopped) return this.idle;
    this.#isTurn ||= isTurn;
    this.#flushing ??= this.#flushDue().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async #flushDue(): Promise<void> {
    let hasUncommitted = false;
    for (let size = this.#dueSize(); size > 0; size = this.#dueSize()) {
      const block = await this.#nextBlock(size);
      const wasBegun = this.#progress.pending !== null;
      // Committing the intent also commits the previous block; a repeated intent is already committed.
      if (!wasBegun && !(await this.#whileOwned(() => this.#commitIntent(block)))) return;
      if (!(await this.#whileOwned((isRepeat) => this.#insert(block, wasBegun || isRepeat)))) return;
      if (block.rejected.length > 0 && !(await this.#whileOwned(() => this.#ports.reject(block)))) return;
      this.#progress = {
        generation: this.#progress.generation,
        offset: block.to,
        pending: null,
        arrivedMs: block.arrivedMs,
        rejected: this.#progress.rejected + block.rejected.length,
        before: block.last,
        stored: block.stored < 0 ? this.#progress.stored : block.stored,
        inserts: null,
      };
      hasUncommitted = true;
    }
    if (hasUncommitted && !(await this.#whileOwned(() => this.#ports.commit(this.#progress)))) return;
    const { offset, pending } = this.#progress;
    if (pending === null && this.#ports.paused()) await this.#whileOwned(() => this.#ports.acknowledgePause(offset));
  }

  async #commitIntent(block: Block): Promise<void> {
    const inserts = await this.#ports.inserts();
    this.#progress = { ...this.#progress, pending: block.to, inserts };
    await this.#ports.commit(this.#progress);
  }

  /** @param wasBegun the insert may have happened before, or in part */
  async #insert(block: Block, wasBegun: boolean): Promise<void> {
    const problem = wasBegun ? await this.#ports.judge(block, this.#progress) : null;
    if (problem !== null) throw new Doubt(problem);
    await this.#ports.insert(block);
  }

  /** Not inlined into the loop, which would keep the messages in memory until their block is written. */
  #nextBlock(size: number): Promise<Block> {
    return this.#ports.build(this.#waiting.take(size));
  }

  /** Size of the next block in messages; 0 if none is due. A repeated range is written whole or not at all. */
  #dueSize(): number {
    if (this.#stopped) return 0;
    const { pending } = this.#progress;
    if (pending !== null) return this.expected >= pending ? this.#pendingRows : 0;
    if (this.#ports.paused()) return 0;
    if (this.#waiting.length >= this.#blockRows) return this.#blockRows;
    const size = this.#isTurn ? this.#waiting.length : 0;
    this.#isTurn = false;
    return size;
  }

  /**
   * Repeats an action until it succeeds; false when ownership ended, or when nothing more may be written. Errors
   * reported by ClickHouse are not retried.
   * @param action gets whether it was tried before
   */
  async #whileOwned(action: (isRepeat: boolean) => Promise<void>): Promise<boolean> {
    for (let isRepeat = false; await this.#ports.owned(); isRepeat = true) {
      try {
        await action(isRepeat);
        return true;
      } catch (error) {
        if (error instanceof Doubt) {
          this.stop(error.problem);
          return false;
        }
        if (error instanceof ClickHouseError) throw error;
        this.#ports.log.warn({ err: error }, 'waiting for an engine that does not answer');
        await delay(RETRY_MS);
      }
    }
    return false;
  }
}
