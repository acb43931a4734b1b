import { ClickHouseError } from '@clickhouse/client';
import { describe, expect, test } from 'vitest';
import { EncodedRows } from '../../domain/click/wire.ts';
import type { Arrived } from '../../infra/clients/kafka.ts';
import { createLog } from '../../infra/log.ts';
import type { PartitionProblem } from '../../infra/register/partition_findings.ts';
import { arrived } from '../../test/support/kafkajs.ts';
import type { Block } from './block.ts';
import { NOTHING_COUNTED, type Progress } from './intent.ts';
import { blockRows, PartitionWriter } from './partition_writer.ts';
import type { Message } from './waiting.ts';

const log = createLog('test');
log.level = 'silent';

const messages = (from: number, to: number): Arrived[] =>
  Array.from({ length: to - from }, (_, i) => arrived({ offset: from + i, arrivedMs: 1_000 + from + i, value: null }));

const ROWS = 1_000;
const START = NOTHING_COUNTED;

/** Records the writer's calls, in order; `during` runs during an insert. */
function recorder(
  options: {
    owned?: () => boolean;
    paused?: () => boolean;
    during?: () => void;
    failures?: unknown[];
    problem?: PartitionProblem;
  } = {},
) {
  const done: string[] = [];
  const failures = options.failures ?? [];
  return {
    done,
    ports: {
      owned: async () => options.owned?.() ?? true,
      commit: async ({ offset, pending }: Progress) => void done.push(`commit ${offset} pending ${pending}`),
      paused: () => options.paused?.() ?? false,
      acknowledgePause: async (offset: number) => void done.push(`stands ${offset}`),
      build: async (block: Message[]): Promise<Block> => ({
        from: Number(block[0]?.offset),
        to: Number(block.at(-1)?.offset) + 1,
        arrivedMs: Number(block.at(-1)?.arrivedMs),
        rows: new EncodedRows(),
        copies: new EncodedRows(),
        rejected: [],
        last: { value: 'f', time_ms: Number(block.at(-1)?.arrivedMs) },
        stored: -1,
        fromFuture: 0,
      }),
      inserts: async () => [1],
      judge: async ({ from, to }: Block) => {
        done.push(`judge ${from}-${to}`);
        return options.problem ?? null;
      },
      stopped: ({ what }: PartitionProblem) => void done.push(`stopped: ${what}`),
      insert: async ({ from, to }: Block) => {
        const failure = failures.shift();
        if (failure) throw failure;
        done.push(`insert ${from}-${to}`);
        options.during?.();
      },
      reject: async () => void done.push('reject'),
      log,
    },
  };
}

describe('PartitionWriter', () => {
  test('commits its intent, inserts, commits the end', async () => {
    const { done, ports } = recorder();
    const writer = new PartitionWriter(START, ROWS, ports);
    writer.append(messages(0, 5));
    await writer.flush(true);
    expect(done).toEqual(['commit 0 pending 5', 'insert 0-5', 'commit 5 pending null']);
  });

  test('waits for its turn before it writes', async () => {
    const { done, ports } = recorder();
    const writer = new PartitionWriter(START, ROWS, ports);
    await writer.flush(true);
    writer.append(messages(0, 5));
    await writer.flush(false);
    expect(done).toEqual([]);
    expect(writer.backlog).toBe(5);
  });

  test('a turn that comes during an insert is taken after it', async () => {
    let writer: PartitionWriter | undefined;
    const { done, ports } = recorder({
      during: () => {
        if (done.length > 2) return;
        writer?.append(messages(5, 7));
        void writer?.flush(true);
      },
    });
    writer = new PartitionWriter(START, ROWS, ports);
    writer.append(messages(0, 5));
    await writer.flush(true);
    expect(done).toEqual([
      'commit 0 pending 5',
      'insert 0-5',
      'commit 5 pending 7',
      'insert 5-7',
      'commit 7 pending null',
    ]);
  });

  test('messages that arrive during an insert follow in the next block', async () => {
    let writer: PartitionWriter | undefined;
    const seen: unknown[] = [];
    const { done, ports } = recorder({
      during: () => {
        if (done.length > 2) return;
        seen.push(writer?.expected);
        writer?.append(messages(5, 7));
      },
    });
    writer = new PartitionWriter(START, ROWS, ports);
    writer.append(messages(0, 5));
    await writer.flush(true);
    expect(seen).toEqual([5]);
    expect(writer.expected).toBe(7);
    await writer.flush(true);
    expect(done).toEqual([
      'commit 0 pending 5',
      'insert 0-5',
      'commit 5 pending null',
      'commit 5 pending 7',
      'insert 5-7',
      'commit 7 pending null',
    ]);
  });

  test('a pending range is repeated whole, at once, and without later messages', async () => {
    const { done, ports } = recorder();
    const writer = new PartitionWriter({ ...START, offset: 10, pending: 20 }, ROWS, ports);
    writer.append(messages(10, 15));
    await writer.flush(true);
    expect(done).toEqual([]);
    writer.append(messages(15, 25));
    await writer.flush(false);
    expect(done).toEqual([
      'judge 10-20',
      'insert 10-20',
      'commit 20 pending 25',
      'insert 20-25',
      'commit 25 pending null',
    ]);
  });

  test('paused, it acknowledges its offset and starts nothing until it may continue', async () => {
    let paused = true;
    const { done, ports } = recorder({ paused: () => paused });
    const writer = new PartitionWriter(START, ROWS, ports);
    writer.append(messages(0, 5));
    await writer.flush(true);
    expect(done).toEqual(['stands 0']);
    paused = false;
    await writer.flush(true);
    expect(done.slice(1)).toEqual(['commit 0 pending 5', 'insert 0-5', 'commit 5 pending null']);
  });

  test('paused in the middle of a block, it acknowledges once that is committed', async () => {
    let paused = false;
    const { done, ports } = recorder({
      paused: () => paused,
      during: () => {
        paused = true;
      },
    });
    const writer = new PartitionWriter(START, ROWS, ports);
    writer.append(messages(0, 5));
    await writer.flush(true);
    expect(done).toEqual(['commit 0 pending 5', 'insert 0-5', 'commit 5 pending null', 'stands 5']);
  });

  test('paused, it finishes a pending range, and acknowledges the offset after it', async () => {
    const { done, ports } = recorder({ paused: () => true });
    const writer = new PartitionWriter({ ...START, offset: 10, pending: 20 }, ROWS, ports);
    await writer.flush(false);
    expect(done).toEqual([]);
    writer.append(messages(10, 25));
    await writer.flush(false);
    expect(done).toEqual(['judge 10-20', 'insert 10-20', 'commit 20 pending null', 'stands 20']);
  });

  test('drops its work when it no longer owns the partition', async () => {
    let owned = true;
    const { done, ports } = recorder({
      owned: () => owned,
      during: () => {
        owned = false;
      },
    });
    const writer = new PartitionWriter(START, ROWS, ports);
    writer.append(messages(0, 5));
    await writer.flush(true);
    expect(done).toEqual(['commit 0 pending 5', 'insert 0-5']);
  });

  test('repeats the same block until ClickHouse can be reached again', async () => {
    const { done, ports } = recorder({ failures: [new Error('ECONNREFUSED'), new Error('socket hang up')] });
    const writer = new PartitionWriter(START, ROWS, ports);
    writer.append(messages(0, 5));
    await writer.flush(true);
    expect(done).toEqual(['commit 0 pending 5', 'judge 0-5', 'judge 0-5', 'insert 0-5', 'commit 5 pending null']);
  });

  test('a range in doubt is not written, and nothing after it', async () => {
    const problem = { code: 'pending_in_doubt', what: 'in doubt', mend: 'replay' };
    const { done, ports } = recorder({ problem });
    const writer = new PartitionWriter({ ...START, offset: 10, pending: 20 }, ROWS, ports);
    writer.append(messages(10, 25));
    await writer.flush(true);
    await writer.flush(true);
    expect(done).toEqual(['judge 10-20', 'stopped: in doubt']);
    expect(writer.isStopped).toBe(true);
  });

  test('stopped from outside, it starts nothing more', async () => {
    const { done, ports } = recorder();
    const writer = new PartitionWriter(START, ROWS, ports);
    writer.append(messages(0, 5));
    writer.stop({ code: 'log_cut', what: 'cut', mend: 'continue' });
    await writer.flush(true);
    expect(done).toEqual(['stopped: cut']);
  });

  test('an intent says how far the tables were written, and the commit after it what must be stored', async () => {
    const { ports } = recorder();
    const committed: Progress[] = [];
    const commit = async (progress: Progress) => void committed.push(progress);
    const build = async (block: Message[]) => ({ ...(await ports.build(block)), stored: 3 });
    const writer = new PartitionWriter(START, ROWS, { ...ports, commit, build });
    writer.append(messages(0, 5));
    await writer.flush(true);
    expect(committed).toEqual([
      { ...START, pending: 5, inserts: [1] },
      { ...START, offset: 5, arrivedMs: 1_004, before: { value: 'f', time_ms: 1_004 }, stored: 3 },
    ]);
  });

  test('errors reported by ClickHouse are not retried, and nothing is committed past them', async () => {
    const refused = new ClickHouseError({ message: 'no such table', code: '60', type: 'UNKNOWN_TABLE' });
    const { done, ports } = recorder({ failures: [refused] });
    const writer = new PartitionWriter(START, ROWS, ports);
    writer.append(messages(0, 5));
    await expect(writer.flush(true)).rejects.toThrow('no such table');
    expect(done).toEqual(['commit 0 pending 5']);
  });

  test('is full with one block', async () => {
    const { ports } = recorder({ paused: () => true });
    const writer = new PartitionWriter(START, 10, ports);
    const seen = [9, 10].map((upTo) => {
      writer.append(messages(writer.expected, upTo));
      return [upTo, writer.isFull];
    });
    expect(seen).toEqual([
      [9, false],
      [10, true],
    ]);
  });

  test('whole blocks are written without waiting for the turn', async () => {
    const { done, ports } = recorder();
    const writer = new PartitionWriter(START, 10, ports);
    writer.append(messages(0, 25));
    await writer.flush(false);
    expect(done.filter((step) => step.startsWith('insert'))).toEqual(['insert 0-10', 'insert 10-20']);
  });

  test('accepts a pending range with larger blocks from another process, and is not full before that', async () => {
    const { done, ports } = recorder();
    const writer = new PartitionWriter({ ...START, pending: 50 }, 10, ports);
    writer.append(messages(0, 40));
    await writer.flush(true);
    expect([done, writer.isFull]).toEqual([[], false]);
    writer.append(messages(40, 50));
    expect(writer.isFull).toBe(true);
    await writer.flush(false);
    expect(done).toEqual(['judge 0-50', 'insert 0-50', 'commit 50 pending null']);
  });
});

test.each([
  [1, 100_000],
  [2, 100_000],
  [8, 50_000],
  [64, 6_250],
])('%d partitions have blocks of %d rows', (partitions, rows) => expect(blockRows(partitions)).toBe(rows));
