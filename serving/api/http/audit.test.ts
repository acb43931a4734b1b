import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import pino from 'pino';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../../../test/support/wait.ts';
import { Problem, problemHandler } from '../contract/problem.ts';
import { answer } from './answer.ts';
import { createAudit } from './audit.ts';
import { auditFile, type FileLimits } from './audit_file.ts';
import { jsonBody } from './body.ts';
import { type Asked, route } from './route.ts';

const folder = mkdtempSync(join(tmpdir(), 'clickledger-audit-'));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

const log = pino({ level: 'silent' });
const now = (): number => Date.UTC(2026, 0, 1);

// biome-ignore lint/suspicious/noExplicitAny: lines are what is being checked
const linesOf = (file: string): any[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

interface Given {
  name: string;
  handle?: (asked: Asked) => Promise<unknown>;
  refusals?: { perCaller: number; inAll: number; ms: number };
  files?: { made: FileLimits; refused: FileLimits };
  /** The caller is gone before the beginning of the call is on disk. */
  isGone?: boolean;
}

/** A server with one call for admins, as the API makes it; without a token it is refused. */
async function serve({ name, handle = async () => ({}), isGone = false, ...options }: Given) {
  const own = join(folder, name);
  const audit = createAudit({ folder: own, log, now, ...options });
  const call = route({
    method: 'post',
    path: '/v1/call',
    access: 'admin',
    id: 'call',
    summary: '',
    body: z.object({}),
    answer: z.unknown(),
    handle: handle as (asked: unknown) => Promise<unknown>,
  });
  const app = express();
  app.use(({ headers: { authorization }, socket }, { locals }, next) => {
    locals.requestId = 'r1';
    if (authorization === undefined) throw new Problem(401, 'unauthorized', 'A token is required', 'send one');
    locals.caller = { name: authorization, role: 'admin' };
    next();
    if (isGone) socket.destroy();
  });
  app.post('/v1/call', audit.begun, jsonBody, answer(call, true));
  app.use(audit.refused(({ path }) => path === '/v1/call'));
  app.use(problemHandler(log));
  const server = app.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const headers = { 'content-type': 'application/json', authorization: 'ops' };
  return {
    folder: own,
    file: join(own, 'api.jsonl'),
    refused: join(own, 'refused.jsonl'),
    send: (more: Record<string, string> = headers, path = '/v1/call') =>
      fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers: more, body: '{}' }),
    /** Sends the call, or only the beginning of its body. */
    open: (body: string, length = body.length) => {
      const options = { port, path: '/v1/call', method: 'POST', headers: { ...headers, 'content-length': length } };
      const sent = request(options).on('error', () => {});
      sent.write(body);
      return sent;
    },
  };
}

function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const outcomes = (file: string, count: number) =>
  eventually(`${count} lines`, async () => {
    const lines = linesOf(file);
    return lines.length >= count && lines.map(({ outcome, hung_up }) => (hung_up ? [outcome, 'hung up'] : outcome));
  });

test('the caller hangs up, and the call is carried out: its outcome is on record', async () => {
  const begun = gate();
  const end = gate();
  const handle = async ({ signal }: Asked) => {
    begun.open();
    await once(signal, 'abort');
    await end.opened;
    return {};
  };
  const { file, open } = await serve({ name: 'carried-out', handle });
  const sent = open('{}');
  await begun.opened;
  sent.destroy();
  expect(linesOf(file).map(({ outcome }) => outcome)).toEqual(['begun']);
  end.open();
  expect(await outcomes(file, 2)).toEqual(['begun', [200, 'hung up']]);
});

test.each<[string, (asked: Asked) => Promise<unknown>, unknown]>([
  [
    'is refused nevertheless',
    async () => Promise.reject(new Problem(409, 'conflict', 'Conflict', 'no')),
    [409, 'hung up'],
  ],
  ['is cancelled', async () => Promise.reject(new Error('cancelled')), 'cut short'],
])('the caller hangs up, and the call %s', async (what, end, outcome) => {
  const begun = gate();
  const handle = async (asked: Asked) => {
    begun.open();
    await once(asked.signal, 'abort');
    return end(asked);
  };
  const { file, open } = await serve({ name: what, handle });
  const sent = open('{}');
  await begun.opened;
  sent.destroy();
  expect(await outcomes(file, 2)).toEqual(['begun', outcome]);
});

test('the caller hangs up before the call was sent', async () => {
  const { file, open } = await serve({ name: 'not-sent' });
  const sent = open('{', 2);
  await eventually('the call has begun', async () => linesOf(file).length === 1);
  sent.destroy();
  expect(await outcomes(file, 2)).toEqual(['begun', 'cut short']);
});

test('the caller hangs up while the beginning of the call is written, and it is not carried out', async () => {
  let calls = 0;
  const handle = async () => {
    calls += 1;
  };
  const { file, send } = await serve({ name: 'gone', handle, isGone: true });
  await expect(send()).rejects.toThrow();
  expect(await outcomes(file, 2)).toEqual(['begun', 'cut short']);
  expect(calls).toBe(0);
});

test('a call that is refused before anybody knows who makes it is on record, with what was answered', async () => {
  const { file, refused, send } = await serve({ name: 'refused' });
  expect((await send({})).status).toBe(401);
  expect((await send({}, '/v1/other')).status).toBe(401);
  const long = `/v1/call?${'x'.repeat(10_000)}`;
  expect((await send({}, long)).status).toBe(401);
  expect(await outcomes(refused, 2)).toEqual([401, 401]);
  const [line, cut] = linesOf(refused);
  expect(line).toMatchObject({ who: null, role: null, address: '127.0.0.1', what: 'POST /v1/call', request_id: 'r1' });
  expect(cut.what).toHaveLength(2_000);
  expect(linesOf(refused)).toHaveLength(2);
  expect(existsSync(file)).toBe(false);
});

test('refused calls take only so much room, and what was left out is told', async () => {
  const { file, refused, send } = await serve({ name: 'many', refusals: { perCaller: 3, inAll: 100, ms: 3_000 } });
  await Promise.all(Array.from({ length: 10 }, () => send({})));
  expect((await send()).status).toBe(200);
  const lines = await eventually('what was left out', async () => {
    const found = linesOf(refused);
    return found.length === 4 && found;
  });
  expect(lines.map(({ outcome }) => outcome)).toEqual([401, 401, 401, 'not recorded']);
  expect(lines.at(-1)).toEqual({ at: '2026-01-01T00:00:00.000Z', refused: 7, outcome: 'not recorded' });
  expect((await send({})).status).toBe(401);
  expect((await outcomes(refused, 5)).at(-1)).toBe(401);
  expect(await outcomes(file, 2)).toEqual(['begun', 200]);
});

test('a flood of refused calls pushes out older refused ones, and none that was made', async () => {
  const [refusals, limits] = [
    { perCaller: 1_000, inAll: 1_000, ms: 60_000 },
    { maxBytes: 1_000, kept: 2 },
  ];
  const {
    folder: own,
    file,
    send,
  } = await serve({ name: 'flood', refusals, files: { made: limits, refused: limits } });
  expect((await send()).status).toBe(200);
  expect(await outcomes(file, 2)).toEqual(['begun', 200]);
  const filler = 'x'.repeat(500);
  const path = (n: number): string => `/v1/call?${n}${filler}`;
  for (let n = 0; n < 20; n++) expect((await send({}, path(n))).status).toBe(401);
  const all = await eventually('the last line', async () => {
    const found = readdirSync(own).flatMap((name) => linesOf(join(own, name)));
    return found.some(({ what }) => what.includes(path(19))) && found;
  });
  expect(all.some(({ what }) => what.includes(path(0)))).toBe(false);
  expect(all.filter(({ who }) => who === 'ops').map(({ outcome }) => outcome)).toEqual(['begun', 200]);
});

test('a full file is put aside, and the oldest of them go, but none of another name', async () => {
  const file = join(folder, 'full', 'api.jsonl');
  const limits = { maxBytes: 100, kept: 2 };
  const append = auditFile(file, limits);
  await auditFile(join(folder, 'full', 'api-2.jsonl'), limits)({ n: 99 });
  const line = 'x'.repeat(60);
  for (let n = 0; n < 9; n++) await append({ n, line });
  const files = readdirSync(join(folder, 'full')).sort();
  const aside = expect.stringMatching(/^api-2\d{3}-.*Z\.jsonl$/);
  expect(files).toEqual(['api-2.jsonl', aside, aside, 'api.jsonl']);
  const numbers = files.flatMap((name) => linesOf(join(folder, 'full', name)).map(({ n }) => n));
  expect(numbers).toEqual([99, 4, 5, 6, 7, 8]);
});
