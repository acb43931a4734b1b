import { MINUTE_MS } from '../domain/time.ts';
import { fillStores } from './api/fill.ts';
import { steady } from './api/load.ts';
import type { Indexed } from './api/minutes.ts';
import { whileClicksCome } from './api/open.ts';
import { NewQuestions, repeatedPaths } from './api/questions.ts';
import { check, type Server, startPeer, startPeerApi } from './api/servers.ts';
import { byWrk, wrkProgram } from './api/wrk.ts';
import { sum } from './arithmetic.ts';
import type { BenchSite } from './site.ts';
import type { Benchmark, Phase, Round } from './types.ts';

const EXPRESS = 'Express, a search for each request, by the client';
const GATHERING = 'node:http, msearch for all of a turn, no client';
const [CONNECTIONS, SECONDS] = [32, 4];
/** More than any server here answers in a second. */
const PATHS_PER_SECOND = 25_000;
/** At an even pace, long enough that the slowest percent is more than one or two answers. */
const STEADY_SECONDS = 8;
/** Excluded from the following measurement, on all sides alike. */
const LEAD_IN_SECONDS = 2;
/** Until the roles that process clicks are JIT-compiled. */
const CLICKS_LEAD_IN_SECONDS = 4;
/** Until JIT-compiled engines have compiled the queries. */
const WARM_UP_SECONDS = 10;
const RATE = 200;
const POPULAR_RATE = 20;
const STEADY = { rate: RATE, leadIn: LEAD_IN_SECONDS, seconds: STEADY_SECONDS };

/** A dashboard's requests, beside the cheapest servers that could answer them. */
export const api: Benchmark = {
  name: 'api',
  about: 'aggregated_count and popular_ads over 1 M indexed ad-minutes, on loopback; load by wrk, no path twice',
  sides: {
    ours: 'the API: checked, planned, with a receipt, questions gathered into msearch',
    peer: 'a handler that asks Elasticsearch for one term and range sum: nothing checked, no plan, no receipt',
  },
  engines: ['kafka', 'clickhouse', 'elasticsearch'],
  rows: 1_000_000,
  async prepare(site, { rows, report }) {
    wrkProgram();
    const indexed = await fillStores(site, rows);
    report(`${rows} ad-minutes indexed`);
    const ours = await startPeerApi(site);
    const express = await startPeer(site, indexed, 'express');
    const gathering = await startPeer(site, indexed, 'gathering');
    for (const server of [ours, express, gathering]) await check(server, indexed);
    await site.emptyTopics();
    await site.startRole('ingest', site.folder);
    await site.startRole('realtime', site.folder);
    for (const { origin, pathOf, pids } of [ours, express, gathering]) {
      const paths = repeatedPaths(indexed, pathOf);
      const load = { origin, paths, repeated: true, connections: CONNECTIONS, seconds: WARM_UP_SECONDS };
      await byWrk(site, 'warm-up', load, pids);
    }
    const questions = new NewQuestions(indexed);
    return {
      ours: () => roundOfOurs(site, ours, indexed, questions),
      peer: {
        [EXPRESS]: () => roundOfPeer(site, express, indexed, questions),
        [GATHERING]: () => roundOfPeer(site, gathering, indexed, questions),
      },
    };
  },
  targets: ({ ours, peer, others, ratio }) => {
    const [mine, theirs] = [(name: string) => ours.facts[name] ?? Number.NaN, (name: string) => peer.facts[name] ?? 0];
    return [
      { what: `requests/s, ours ÷ ${peer.name}`, value: ratio, atLeast: 0.8 },
      ...Object.values(others).map(({ name, ratio: toOther }) => {
        return { what: `requests/s, ours ÷ ${name}`, value: toOther, atLeast: 0.8 };
      }),
      { what: `closed minutes at ${RATE}/s, p99 ms`, value: mine('closed minutes, p99 ms'), atMost: 25 },
      {
        what: 'the same ÷ peer',
        value: mine('closed minutes, p99 ms') / theirs('closed minutes, p99 ms'),
        atMost: 2,
      },
      { what: 'open minutes while clicks come, p99 ms', value: mine('open minutes, p99 ms'), atMost: 100 },
      { what: 'popular ads, p99 ms', value: mine('popular ads, p99 ms'), atMost: 30 },
    ];
  },
};

async function roundOfOurs(site: BenchSite, server: Server, indexed: Indexed, questions: NewQuestions): Promise<Round> {
  const { origin } = server;
  const closed = await closedMinutes(server, questions);
  const at = indexed.toMs - 10 * MINUTE_MS;
  const windows = [1, 5, 15, 60].map((window) => `/v1/ads/popular_ads?window=${window}&at=${at}`);
  const popular = await steady(origin, { ...STEADY, paths: windows, rate: POPULAR_RATE });
  const { phases, facts } = await fullSpeed(site, server, indexed, questions);
  const ads = Array.from({ length: 50 }, (_, i) => `/v1/ads/ad${String(i + 1).padStart(3, '0')}/aggregated_count`);
  const open = await whileClicksCome(site, () =>
    steady(origin, { ...STEADY, paths: ads, leadIn: CLICKS_LEAD_IN_SECONDS }),
  );
  return {
    phases,
    facts: {
      ...closed,
      ...facts,
      'popular ads, p50 ms': popular.p50,
      'popular ads, p99 ms': popular.p99,
      'open minutes, p50 ms': open.p50,
      'open minutes, p99 ms': open.p99,
    },
  };
}

async function roundOfPeer(site: BenchSite, server: Server, indexed: Indexed, questions: NewQuestions): Promise<Round> {
  const closed = await closedMinutes(server, questions);
  const { phases, facts } = await fullSpeed(site, server, indexed, questions);
  const nothing = { origin: server.origin, paths: ['/nothing'], repeated: true };
  const empty = await byWrk(site, 'empty', { ...nothing, connections: CONNECTIONS, seconds: SECONDS }, server.pids);
  return { phases, facts: { ...closed, ...facts, 'empty handler, requests/s': empty.rows / empty.seconds } };
}

async function closedMinutes({ origin, pathOf }: Server, questions: NewQuestions): Promise<Record<string, number>> {
  const count = RATE * (LEAD_IN_SECONDS + STEADY_SECONDS);
  const closed = await steady(origin, { ...STEADY, paths: questions.paths(count, pathOf) });
  questions.wereAsked(count);
  return { 'closed minutes, p50 ms': closed.p50, 'closed minutes, p99 ms': closed.p99 };
}

/** At full speed, no path twice; then the same few paths repeatedly, which caches may answer. */
async function fullSpeed(site: BenchSite, { origin, pathOf, pids }: Server, indexed: Indexed, questions: NewQuestions) {
  const load = { origin, connections: CONNECTIONS, seconds: SECONDS };
  const paths = questions.paths(PATHS_PER_SECOND * SECONDS, pathOf);
  const phase = await byWrk(site, 'full speed', { ...load, paths }, pids);
  questions.wereAsked(phase.rows + CONNECTIONS + 1);
  const again = await byWrk(site, 'again', { ...load, paths: repeatedPaths(indexed, pathOf), repeated: true }, pids);
  return {
    phases: [phase],
    facts: {
      'the same 500 paths, requests/s': again.rows / again.seconds,
      'the same 500 paths, CPU-s per million': cpuPerMillion(again),
    },
  };
}

const cpuPerMillion = ({ processes, rows }: Phase): number =>
  (sum(Object.values(processes).map(({ cpuSeconds }) => cpuSeconds)) / rows) * 1e6;
