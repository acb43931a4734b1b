import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from './error.mjs';

const ATTEMPTS = 3;
const STILL_AT_WORK_MS = 10_000;
const LONGEST_REASON = 160;

/** npm's own pauses between attempts are half a minute; ours are added. */
export const NPM_OPTIONS = [
  '--no-audit',
  '--no-fund',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];

/**
 * Runs a download command, up to three times, with its output in a file. `before` prepares each attempt; the error
 * shows the reason of the last one.
 */
export async function fetchWith({ what, file, args, cwd, logFile, hint, log, before }) {
  mkdirSync(dirname(logFile), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    before?.();
    const since = Date.now();
    const ticker = setInterval(() => log(`${what}: ${seconds(since)} so far`), STILL_AT_WORK_MS);
    const failure = await run(file, args, cwd, logFile).finally(() => clearInterval(ticker));
    if (failure === undefined) return;
    if (failure.final || attempt === ATTEMPTS) {
      throw new SetupError(`${what} failed: ${failure.reason} (${hint}; whole output: ${logFile})`);
    }
    log(`${what}: attempt ${attempt} of ${ATTEMPTS} failed, again in ${attempt * 2} s (${failure.reason})`);
    await sleep(attempt * 2_000);
  }
}

export const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

function run(file, args, cwd, logFile) {
  const output = openSync(logFile, 'w');
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, stdio: ['ignore', output, output] });
    child.once('error', (error) => resolve({ final: true, reason: `${file}: ${error.message}` }));
    child.once('exit', (code, signal) =>
      resolve(
        code === 0 ? undefined : { final: false, reason: reasonIn(logFile) ?? `${file} ended with ${signal ?? code}` },
      ),
    );
  }).finally(() => closeSync(output));
}

/** Maven and npm report the cause in the first line that is marked as an error; Maven at its end. */
function reasonIn(logFile) {
  const line = readFileSync(logFile, 'utf8')
    .split('\n')
    .find((text) => /^(\[ERROR\]|npm (error|ERR!)) (?!code |syscall |errno )/.test(text));
  const reason = line?.replace(/^(\[ERROR\]|npm (error|ERR!)) /, '').replace(/ -> \[Help \d+\]$/, '');
  return reason && reason.length > LONGEST_REASON ? `…${reason.slice(-LONGEST_REASON)}` : reason;
}
