import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Percentiles, percentiles } from '../arithmetic.ts';

/**
 * Sends requests at even intervals, whether earlier ones are answered or not; returns latencies in ms, each from when
 * the request was due, without those of the first `leadIn` seconds, until connections are open and idle processes are
 * awake. (wrk sends the next request only after the previous answer: it cannot be late.)
 */
export async function steady(
  origin: string,
  { paths, rate, leadIn, seconds }: { paths: string[]; rate: number; leadIn: number; seconds: number },
): Promise<Percentiles> {
  const agent = new Agent({ keepAlive: true });
  const startedAt = performance.now();
  const answers: Promise<number>[] = [];
  for (let n = 0; n < rate * (leadIn + seconds); n++) {
    const dueAt = startedAt + (n * 1_000) / rate;
    const early = dueAt - performance.now();
    if (early > 0) await delay(early);
    const answer = ask(agent, `${origin}${paths[n % paths.length]}`).then(() => performance.now() - dueAt);
    // A failure is thrown below, after all requests.
    answer.catch(() => {});
    answers.push(answer);
  }
  const times = await Promise.all(answers);
  agent.destroy();
  return percentiles(times.slice(rate * leadIn));
}

/** Latencies in ms of requests sent one after the other. */
export async function oneByOne(origin: string, paths: string[]): Promise<Percentiles> {
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  for (const path of paths) {
    const startedAt = performance.now();
    await ask(agent, origin + path);
    times.push(performance.now() - startedAt);
  }
  agent.destroy();
  return percentiles(times);
}

const ask = (agent: Agent, url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${url}: ${response.statusCode}`));
      });
    }).once('error', reject);
  });
