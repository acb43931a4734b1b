import { expect, test } from 'vitest';
import type { Hive } from '../../../infra/clients/hive.ts';
import { createArchive } from './hive_sessions.ts';

interface Statement {
  session: number;
  text: string;
  answer: (rows: unknown[]) => void;
  fail: (error: Error) => void;
}

function recording() {
  const [statements, closed]: [Statement[], number[]] = [[], []];
  let sessions = 0;
  const connect = async (): Promise<Hive> => {
    const session = sessions++;
    return {
      execute: async () => undefined,
      rows: <Row>(text: string) =>
        new Promise<Row[]>((resolve, reject) =>
          statements.push({ session, text, answer: (rows) => resolve(rows as Row[]), fail: reject }),
        ),
      close: async () => void closed.push(session),
    };
  };
  return { archive: createArchive(connect), statements, closed };
}
const ever = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('two at a time, in the order in which they were asked, in sessions that are reused', async () => {
  const { archive, statements } = recording();
  const asked = ['a', 'b', 'c'].map((text) => archive.rows(text, ever));
  await settled();
  expect(statements.map(({ text }) => text)).toEqual(['a', 'b']);
  statements[1]?.answer([{ n: 2 }]);
  await settled();
  expect(statements.map(({ text, session }) => [text, session])).toEqual([
    ['a', 0],
    ['b', 1],
    ['c', 1],
  ]);
  statements[0]?.answer([]);
  statements[2]?.answer([{ n: 3 }]);
  expect(await Promise.all(asked)).toEqual([[], [{ n: 2 }], [{ n: 3 }]]);
});

test('a session lost while idle is replaced, a statement that fails in a new one fails', async () => {
  const { archive, statements, closed } = recording();
  const first = archive.rows('a', ever);
  await settled();
  statements[0]?.answer([]);
  await first;
  const second = archive.rows('b', ever);
  await settled();
  statements[1]?.fail(new Error('lost'));
  await settled();
  expect([statements[2]?.text, statements[2]?.session, closed]).toEqual(['b', 1, [0]]);
  statements[2]?.fail(new Error('refused'));
  await expect(second).rejects.toThrow('refused');
});

test('a caller that leaves is answered at once, running or waiting, and the slot is free when the statement has ended', async () => {
  const { archive, statements } = recording();
  const [leaving, leavingQueue] = [new AbortController(), new AbortController()];
  const asking = archive.rows('a', leaving.signal);
  const other = archive.rows('b', ever);
  const queued = archive.rows('c', leavingQueue.signal);
  const last = archive.rows('d', ever);
  await settled();
  leavingQueue.abort(new Error('gone'));
  leaving.abort(new Error('gone'));
  await expect(queued).rejects.toThrow('gone');
  await expect(asking).rejects.toThrow('gone');
  expect(statements.map(({ text }) => text)).toEqual(['a', 'b']);
  statements[0]?.fail(new Error('cancelled'));
  await settled();
  expect(statements.map(({ text }) => text)).toEqual(['a', 'b', 'd']);
  statements[1]?.answer([]);
  statements[2]?.answer([{ n: 4 }]);
  expect([await other, await last]).toEqual([[], [{ n: 4 }]]);
});
