import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import express, { type Request, type Response } from 'express';
import { expect, test } from 'vitest';
import { serverOf } from './server.ts';

setFlagsFromString('--allow-natives-syntax');
/** V8's internal term: objects with the same map have the same hidden class. */
const haveOneClass: (a: object, b: object) => boolean = new Function('a', 'b', 'return %HaveSameMap(a, b)') as never;

test('all requests share a hidden class, and so do all responses; Express finds its own methods on them', async () => {
  const app = express();
  const met: [Request, Response][] = [];
  app.get('/', (request, response) => {
    met.push([request, response]);
    response.json({ query: request.query, isOfApp: request.app === app && response.app === app });
  });
  const server = serverOf(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?a=1`;
  for (let i = 0; i < 3; i++) {
    expect(await (await fetch(url)).json()).toEqual({ query: { a: '1' }, isOfApp: true });
  }
  server.close();
  const [, one, other] = met;
  if (!one || !other) throw new Error('there were too few requests');
  expect(haveOneClass(one[0], other[0])).toBe(true);
  expect(haveOneClass(one[1], other[1])).toBe(true);
});
