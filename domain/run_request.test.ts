import { expect, it } from 'vitest';
import { type RequestState, stateOfKinds } from './run_request.ts';

it.each<[RequestState[], RequestState]>([
  [['asked'], 'asked'],
  [['asked', 'asked'], 'asked'],
  [['done', 'asked'], 'working'],
  [['failed', 'asked'], 'working'],
  [['working'], 'working'],
  [['done', 'done'], 'done'],
  [['done', 'failed', 'done'], 'failed'],
])('kinds that are %j are together %s', (states, together) => expect(stateOfKinds(states)).toBe(together));
