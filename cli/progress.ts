import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { createLog, type Log } from '../infra/log.ts';

/** The time since the last step moves too: a step may take minutes. */
const EVERY_MS = 1_000;
const WARN = 40;
/** In every line of the log, and of no interest to somebody who waits. */
const LEFT_OUT = new Set(['level', 'time', 'pid', 'name', 'msg', 'err', 'inputs']);

export interface Progress {
  log: Log;
  /** Takes the line away, for what is to stay. */
  clear(): void;
}

/** At a terminal one line that moves, and warnings above it; otherwise, and for a program (`--json`), lines of JSON. */
export function progressOf(name: string, isJson: boolean, terminal: WriteStream = process.stderr): Progress {
  if (isJson || !terminal.isTTY) return { log: createLog(name), clear: () => {} };
  const line = new MovingLine(terminal);
  return { log: createLog(name, (text) => line.take(text)), clear: () => line.clear() };
}

class MovingLine {
  readonly #terminal: WriteStream;
  #words = '';
  #sinceMs = performance.now();

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
    setInterval(() => this.#draw(), EVERY_MS).unref();
  }

  take(json: string): void {
    const entry: Record<string, unknown> = JSON.parse(json);
    const words = wordsOf(entry);
    if (Number(entry.level) >= WARN) {
      this.clear();
      this.#terminal.write(`${words}\n`);
      return;
    }
    [this.#words, this.#sinceMs] = [words, performance.now()];
    this.#draw();
  }

  clear(): void {
    this.#words = '';
    this.#erase();
  }

  #erase(): void {
    cursorTo(this.#terminal, 0);
    clearLine(this.#terminal, 0);
  }

  #draw(): void {
    if (this.#words === '') return;
    const seconds = Math.floor((performance.now() - this.#sinceMs) / 1_000);
    const text = seconds === 0 ? this.#words : `${this.#words} (${seconds} s)`;
    this.#erase();
    // A line that is wrapped could not be taken back.
    this.#terminal.write(text.slice(0, Math.max(1, this.#terminal.columns - 1)));
  }
}

/** `2021-01-01 run 1: inputs checked, rows 80`. */
function wordsOf(entry: Record<string, unknown>): string {
  const { day, run, replay, msg, err, ...others } = entry;
  const of = [day, run !== undefined && `run ${run}`, replay !== undefined && `replay ${replay}`]
    .filter(Boolean)
    .join(' ');
  const facts = Object.entries(others)
    .filter(([name, value]) => !LEFT_OUT.has(name) && ['string', 'number'].includes(typeof value))
    .map(([name, value]) => `, ${name} ${value}`);
  const why = err === undefined ? '' : `: ${(err as { message?: string }).message}`;
  return `${of === '' ? '' : `${of}: `}${msg}${why}${facts.join('')}`;
}
