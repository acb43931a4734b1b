import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where a JVM notes its collections, in its engine's own folder. */
export const gcLogOf = (folder: string): string => join(folder, 'tmp', 'gc.log');

/**
 * A log, because every other way costs more: JMX and HiveServer2's web page open a port, `jcmd` starts a JVM for each
 * question, and performance counters lie in /tmp, outside the engine's folder.
 */
export const notesCollections = (folder: string): string =>
  `-Xlog:gc,gc+init:file="${gcLogOf(folder)}":tags:filecount=1,filesize=1m`;

export interface Heap {
  /** What the last collection left; null: there was none yet. */
  usedBytes: number | null;
  /** The most that there may be; null: not noted yet. */
  maxBytes: number | null;
  /** How long the JVM stood still for collections, with those of its predecessors that were read. */
  pauseSeconds: number;
}

const UNITS = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 } as const;
const MAX = /Heap Max Capacity: (\d+)([KMG])/;
/** `GC(4) Pause Young (Normal) (G1 Evacuation Pause) 19M->12M(34M) 2.527ms`; marking beside the program has no such line. */
const PAUSE = /\] GC\(\d+\) Pause .* \d+M->(\d+)M\(\d+M\) ([\d.]+)ms$/;

/** The heap as one more line of the log tells it. */
export function heapAfter(heap: Heap, line: string): Heap {
  const [, most, unit] = MAX.exec(line) ?? [];
  if (most !== undefined) return { ...heap, maxBytes: Number(most) * UNITS[unit as keyof typeof UNITS] };
  const [, used, ms] = PAUSE.exec(line) ?? [];
  if (used === undefined) return heap;
  return { ...heap, usedBytes: Number(used) * UNITS.M, pauseSeconds: heap.pauseSeconds + Number(ms) / 1_000 };
}

/**
 * Reads on in a log each time it is asked. The JVM begins a new file when one is full, or when it is started again: the
 * one that is open is read to its end first.
 */
export class GcLog {
  readonly #path: string;
  #file: { descriptor: number; position: number } | null = null;
  #rest = '';
  #heap: Heap = { usedBytes: null, maxBytes: null, pauseSeconds: 0 };

  constructor(path: string) {
    this.#path = path;
  }

  read(): Heap {
    const there = statSync(this.#path, { throwIfNoEntry: false });
    if (this.#file !== null) {
      this.#readOn(this.#file);
      if (there?.ino === fstatSync(this.#file.descriptor).ino) return this.#heap;
      closeSync(this.#file.descriptor);
      [this.#file, this.#rest] = [null, ''];
    }
    if (there === undefined) return this.#heap;
    this.#file = { descriptor: openSync(this.#path, 'r'), position: 0 };
    this.#readOn(this.#file);
    return this.#heap;
  }

  #readOn(file: { descriptor: number; position: number }): void {
    const { size } = fstatSync(file.descriptor);
    if (size <= file.position) return;
    const bytes = Buffer.alloc(size - file.position);
    const length = readSync(file.descriptor, bytes, 0, bytes.length, file.position);
    file.position += length;
    const lines = `${this.#rest}${bytes.toString('latin1', 0, length)}`.split('\n');
    this.#rest = lines.pop() ?? '';
    this.#heap = lines.reduce(heapAfter, this.#heap);
  }
}
