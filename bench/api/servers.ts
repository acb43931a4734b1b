import { fileURLToPath } from 'node:url';
import { MINUTE_MS } from '../../domain/time.ts';
import { freePort } from '../../infra/supervisor/ports.ts';
import { adName } from '../minutes.ts';
import type { BenchSite } from '../site.ts';
import type { Indexed } from './minutes.ts';
import type { BenchQuestion, PathOf } from './questions.ts';

/** A server that answers questions. */
export interface Server {
  origin: string;
  pathOf: PathOf;
  /** Process ids of the server and of the engines, by name. */
  pids: Record<string, number>;
}

const PEERS = {
  express: fileURLToPath(new URL('./express.ts', import.meta.url)),
  gathering: fileURLToPath(new URL('./gathering.ts', import.meta.url)),
};

const countPath = ({ ad, from, to }: BenchQuestion): string => `/v1/ads/${ad}/aggregated_count?from=${from}&to=${to}`;

export async function startPeerApi(site: BenchSite): Promise<Server> {
  const port = await freePort();
  // Rate limits must not affect the measurement.
  const settings = { API_PORT: String(port), API_RATE_LIMIT: '10000000' };
  const role = await site.startRole('api', site.newFolder(), settings);
  return { origin: `http://127.0.0.1:${port}`, pathOf: countPath, pids: { api: role.pid, ...site.engines } };
}

export async function startPeer(site: BenchSite, { index }: Indexed, name: keyof typeof PEERS): Promise<Server> {
  const port = await freePort();
  const peer = site.startProgram(name, PEERS[name], [String(port)]);
  await peer.says('listening');
  const pathOf: PathOf = ({ ad, from, to }) => `/direct/${index}/${ad}?from=${from}&to=${to}`;
  return { origin: `http://127.0.0.1:${port}`, pathOf, pids: { peer: peer.pid, ...site.engines } };
}

/** All servers must give the same, correct answer. */
export async function check({ origin, pathOf }: Server, { fromMs, clicksOf }: Indexed): Promise<void> {
  const [from, to] = [fromMs + MINUTE_MS, fromMs + 31 * MINUTE_MS];
  for (const ad of [0, 1, 999]) {
    const url = origin + pathOf({ ad: adName(ad), from, to });
    const { count } = (await (await fetch(url)).json()) as { count: number };
    if (count !== clicksOf(ad, from, to)) throw new Error(`${url}: ${count}, not ${clicksOf(ad, from, to)}`);
  }
}
