import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { median, round } from './arithmetic.ts';

/** The host's current speed: the same work on every host, so that results from different hosts can be compared. */
export interface Yardstick {
  /**
   * Seconds that the fixed work takes in one thread. Far above its processor time: other processes had the processor.
   */
  work_seconds: number;
  work_cpu_seconds: number;
  /** One thread wakes another and is woken by it: determines the speed of engines with many small hand-overs. */
  ping_pong_us: number;
}

const TURNS = 3;
const WORDS = 1 << 20;
/** So that a turn takes about half a second. */
const PASSES = 5;
const ROUND_TRIPS = 10_000;

/** Takes about three seconds, in which this thread does nothing else. */
export async function yardstick(): Promise<Yardstick> {
  const works = repeat(TURNS, timeWork);
  const pings = await pingPongs();
  return {
    work_seconds: round(median(works.map(({ seconds }) => seconds))),
    work_cpu_seconds: round(median(works.map(({ cpuSeconds }) => cpuSeconds))),
    ping_pong_us: round(median(pings), 1),
  };
}

export const yardstickLine = ({ work_seconds, work_cpu_seconds, ping_pong_us }: Yardstick): string =>
  `fixed work in one thread ${work_seconds} s (CPU ${work_cpu_seconds} s), two-thread ping-pong ${ping_pong_us} µs`;

const repeat = <T>(times: number, take: () => T): T[] => Array.from({ length: times }, take);

function timeWork(): { seconds: number; cpuSeconds: number } {
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  fixedWork(PASSES);
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (user + system) / 1e6 };
}

/**
 * Arithmetic, and memory beyond the inner caches: generated numbers, sorted. Returns a value that depends on all of it.
 */
export function fixedWork(passes: number): number {
  const words = new Uint32Array(WORDS);
  let state = 1;
  let check = 0;
  for (let pass = 0; pass < passes; pass++) {
    for (let n = 0; n < WORDS; n++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[n] = state;
    }
    words.sort();
    check = (check + (words[WORDS >> 1] ?? 0)) >>> 0;
  }
  return check;
}

/** The other thread: waits for each odd number and answers with the next even one. */
const PONG = `
const { workerData: { turn, last }, parentPort } = require('node:worker_threads');
parentPort.postMessage('ready');
for (let next = 1; next < last; next += 2) {
  for (let now; (now = Atomics.load(turn, 0)) < next; ) Atomics.wait(turn, 0, now);
  Atomics.store(turn, 0, next + 1);
  Atomics.notify(turn, 0);
}`;

/** Microseconds per round trip, several times. */
async function pingPongs(): Promise<number[]> {
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { turn, last: 2 * ROUND_TRIPS * TURNS };
  const worker = new Worker(PONG, { eval: true, workerData });
  const ended = once(worker, 'exit');
  await once(worker, 'message');
  let next = 1;
  const times = repeat(TURNS, () => {
    const startedAt = performance.now();
    for (let trip = 0; trip < ROUND_TRIPS; trip++, next += 2) {
      Atomics.store(turn, 0, next);
      Atomics.notify(turn, 0);
      while (Atomics.load(turn, 0) === next) Atomics.wait(turn, 0, next);
    }
    return ((performance.now() - startedAt) * 1_000) / ROUND_TRIPS;
  });
  await ended;
  return times;
}
