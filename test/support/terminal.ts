import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { BIN } from '../../prove/platform.ts';

/**
 * Starts `clickledger …` at a terminal, which `script` of util-linux gives it; its standard input is the keyboard. The
 * shell is replaced by the command: Ctrl-C reaches both, and the exit code of a shell after that depends on which shell
 * it is.
 * @param args words without blanks
 */
export function startAtTerminal(env: Record<string, string>, ...args: string[]): ChildProcessWithoutNullStreams {
  const command = `stty cols 100 rows 60; exec ${process.execPath} ${BIN} ${args.join(' ')}`;
  return spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...process.env, ...env, SHELL: '/bin/sh' },
  });
}

interface Shown {
  code: number | null;
  /** Each text that the line which moves has had, in order. */
  line: string[];
  /** What is left on the screen at the end. */
  left: string;
}

/** Runs `clickledger …` at a terminal until it ends. */
export function atTerminal(env: Record<string, string>, ...args: string[]): Promise<Shown> {
  const child = startAtTerminal(env, ...args);
  let written = '';
  child.stdout.on('data', (chunk: Buffer) => {
    written += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...screenOf(written) }));
  });
}

const TO_FIRST_COLUMN = '\u001b[1G';
const ERASE = '\u001b[2K';

/** The line is drawn by going to its first column, erasing it and writing it anew. What stays has its line end. */
function screenOf(written: string): Omit<Shown, 'code'> {
  const drawn = written.replaceAll('\r\n', '\n').split(TO_FIRST_COLUMN + ERASE);
  return {
    line: drawn.filter((text) => text !== '' && !text.includes('\n')),
    left: drawn.map((text, n) => (n === drawn.length - 1 ? text : text.slice(0, text.lastIndexOf('\n') + 1))).join(''),
  };
}
