import { describe, expect, test } from 'vitest';
import { shaOf } from './fingerprint.ts';
import {
  type FileId,
  type Generation,
  type OpenGeneration,
  recognise,
  type SeenFile,
  type Verdict,
} from './generation.ts';

const LOG = '/logs/a.log';
const text = (from: number, to: number): string =>
  Array.from(
    { length: to - from },
    (_, line) => `line ${from + line} of a log that has been written for a while\n`,
  ).join('');

const print = (bytes: string, from: number, to: number) => ({
  from,
  to,
  sha: shaOf(Buffer.from(bytes.slice(from, to))),
});

/** A generation whose content `read` was read. */
const generation = (id: string, read: string, file: FileId, more: Partial<Generation> = {}): Generation => ({
  id,
  log: LOG,
  file,
  head: print(read, 0, Math.min(1024, read.length)),
  tail: print(read, Math.max(0, read.length - 1024), read.length),
  copies: [],
  ...more,
});

const file = (path: string, bytes: string, id: FileId): SeenFile => ({
  path,
  log: LOG,
  id,
  size: bytes.length,
  wasCopied: false,
  readSha: (from, to) => (to > bytes.length ? null : shaOf(Buffer.from(bytes.slice(from, to)))),
});

const id = (inode: number, born: number | '' = inode): FileId => ({ inode: `1:${inode}`, born: String(born) });
const live = (g: Generation, bytes: string): OpenGeneration => ({ generation: g, file: file(LOG, bytes, g.file) });
const noFile = (born: number): FileId => ({ inode: '', born: String(born) });

const NEW: Verdict = { kind: 'new' };
const continues = (name: string): Verdict => ({ kind: 'continues', generation: name });
const copyOf = (name: string): Verdict => ({ kind: 'copy', of: name });

const [READ, MORE, OTHER] = [text(0, 100), text(0, 120), text(50, 200)];
const SAME_HEAD = text(0, 60) + text(200, 300);

interface Case {
  name: string;
  seen: SeenFile;
  lost?: Generation[];
  alive?: OpenGeneration[];
  verdict: Verdict;
}

describe.each<Case>([
  { name: 'an unknown log', seen: file(LOG, READ, id(1)), verdict: NEW },
  { name: 'an unknown sibling', seen: file(`${LOG}.1`, READ, id(1)), verdict: NEW },
  {
    name: 'the same file, grown',
    seen: file(LOG, MORE, id(1)),
    lost: [generation('g', READ, id(1))],
    verdict: continues('g'),
  },
  {
    name: 'the same file, renamed',
    seen: file(`${LOG}.1`, MORE, id(1)),
    lost: [generation('g', READ, id(1))],
    verdict: continues('g'),
  },
  {
    name: 'the same file on a file system without birth times',
    seen: file(LOG, MORE, id(1, '')),
    lost: [generation('g', READ, id(1, 7))],
    verdict: continues('g'),
  },
  {
    name: 'the same file on another device',
    seen: file(LOG, MORE, { inode: '77:1', born: '1' }),
    lost: [generation('g', READ, id(1))],
    verdict: continues('g'),
  },
  {
    name: 'the same file on another device without birth times',
    seen: file(LOG, MORE, { inode: '77:1', born: '' }),
    lost: [generation('g', READ, id(1, ''))],
    verdict: continues('g'),
  },
  {
    name: 'another path on another device without birth times',
    seen: { ...file('/logs/b.log', MORE, { inode: '77:1', born: '' }), log: '/logs/b.log' },
    lost: [generation('g', READ, id(1, ''))],
    verdict: NEW,
  },
  {
    name: 'another inode on another device',
    seen: file(LOG, MORE, { inode: '77:2', born: '1' }),
    lost: [generation('g', READ, id(1))],
    verdict: NEW,
  },
  {
    name: 'a log that was copied with its times',
    seen: { ...file(LOG, MORE, id(2)), wasCopied: true },
    lost: [generation('g', READ, id(1))],
    verdict: continues('g'),
  },
  {
    name: 'a copied log with nothing in common but that nothing was read',
    seen: { ...file(LOG, MORE, id(2)), wasCopied: true },
    lost: [generation('g', '', id(1))],
    verdict: NEW,
  },
  {
    name: 'a log of the same name in another folder',
    seen: { ...file('/moved/a.log', MORE, id(2)), log: '/moved/a.log' },
    lost: [generation('g', READ, id(1))],
    verdict: { kind: 'continues', generation: 'g', isGuess: true },
  },
  {
    name: 'a log of another name in another folder',
    seen: { ...file('/moved/b.log', MORE, id(2)), log: '/moved/b.log' },
    lost: [generation('g', READ, id(1))],
    verdict: NEW,
  },
  {
    name: 'a log of the same name in another folder, with a few bytes in common',
    seen: { ...file('/moved/a.log', MORE, id(2)), log: '/moved/a.log' },
    lost: [generation('g', text(0, 2), id(1))],
    verdict: NEW,
  },
  {
    name: 'what is named like a rotated file, with the bytes of the log',
    seen: { ...file('/logs/a-1.log', MORE, id(2)), log: '/logs/a-1.log', origin: LOG },
    lost: [generation('g', READ, noFile(1))],
    verdict: continues('g'),
  },
  {
    name: 'what is named like a rotated file, and was like the log before it grew in another way',
    seen: { ...file('/logs/a-1.log', SAME_HEAD, id(2)), log: '/logs/a-1.log', origin: LOG },
    alive: [live(generation('g', READ, id(1), { copies: [id(2)] }), MORE)],
    verdict: NEW,
  },
  {
    name: 'the same file before any of it was acknowledged',
    seen: file(LOG, MORE, id(1)),
    lost: [generation('g', '', id(1), { head: print(READ, 0, 1024) })],
    verdict: continues('g'),
  },
  {
    name: 'a file that shrank',
    seen: file(LOG, text(0, 90), id(1)),
    lost: [generation('g', READ, id(1))],
    verdict: NEW,
  },
  { name: 'a reused inode', seen: file(LOG, OTHER, id(1, 9)), lost: [generation('g', READ, id(1))], verdict: NEW },
  {
    name: 'an inode reused by a file with the same bytes',
    seen: file(LOG, MORE, id(1, 9)),
    lost: [generation('g', READ, id(1))],
    verdict: NEW,
  },
  {
    name: 'only the first bytes equal',
    seen: file(LOG, SAME_HEAD, id(1)),
    lost: [generation('g', READ, id(1))],
    verdict: NEW,
  },
  {
    name: 'only the last bytes equal',
    seen: file(LOG, `${'x'.repeat(1024)}${READ.slice(1024)}`, id(1)),
    lost: [generation('g', READ, id(1))],
    verdict: NEW,
  },
  {
    name: 'another log with the bytes of a detached one',
    seen: file(LOG, MORE, id(2)),
    lost: [generation('g', READ, noFile(1))],
    verdict: NEW,
  },
  {
    name: 'the copy that copytruncate left',
    seen: file(`${LOG}.1`, MORE, id(2)),
    lost: [
      generation('older', text(0, 10), noFile(1)),
      generation('g', READ, noFile(1)),
      generation('x', OTHER, noFile(1)),
    ],
    verdict: continues('g'),
  },
  {
    name: 'a sibling of another log',
    seen: { ...file('/logs/b.log.1', MORE, id(2)), log: '/logs/b.log' },
    lost: [generation('g', READ, noFile(1))],
    verdict: NEW,
  },
  {
    name: 'a sibling with the bytes of a file born after it',
    seen: file(`${LOG}.1`, MORE, id(2)),
    lost: [generation('g', READ, noFile(3))],
    verdict: NEW,
  },
  {
    name: 'an unfinished copy of an existing log',
    seen: file(`${LOG}.1`, text(0, 50), id(2)),
    alive: [live(generation('g', READ, id(1)), MORE)],
    verdict: copyOf('g'),
  },
  {
    name: 'a copy with more bytes than its log',
    seen: file(`${LOG}.1`, MORE, id(2)),
    alive: [live(generation('g', READ, id(1)), READ)],
    verdict: NEW,
  },
  {
    name: 'a sibling that starts like the existing log',
    seen: file(`${LOG}.1`, SAME_HEAD.slice(0, READ.length - 10), id(2)),
    alive: [live(generation('g', READ, id(1)), MORE)],
    verdict: NEW,
  },
  {
    name: 'an older sibling with the same lines as the existing log',
    seen: file(`${LOG}.1`, text(0, 1), id(1)),
    alive: [live(generation('g', text(0, 1), id(2)), text(0, 1))],
    verdict: NEW,
  },
  {
    name: 'a copy that is kept after its log was truncated',
    seen: file(`${LOG}.bak`, text(0, 50), id(2)),
    lost: [generation('g', READ, noFile(1), { copies: [id(2)] })],
    verdict: copyOf('g'),
  },
])('$name', ({ seen, lost = [], alive = [], verdict }) => {
  test(verdict.kind, () => {
    expect(recognise(seen, lost, () => alive)).toEqual(verdict);
  });
});
