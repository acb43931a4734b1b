import { hostname, userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { askedBy } from './asked_by.ts';

const USER = userInfo().username;

test.each<[NodeJS.ProcessEnv, isInContainer: boolean, string]>([
  [{}, false, USER],
  [{}, true, `${USER} in container ${hostname()}`],
  [{ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, false, `${USER} in container ${hostname()}`],
  [{ CLICKLEDGER_WHO: ' alice ' }, true, `alice (${USER})`],
  [{ CLICKLEDGER_WHO: ' ', SUDO_USER: 'bob' }, false, `bob (${USER})`],
])('%j, in a container: %s', (env, isInContainer, who) => {
  expect(askedBy(env, isInContainer)).toBe(who);
});

test.each(['two\nlines', 'x'.repeat(101)])('what is no name is refused: %j', (who) => {
  expect(() => askedBy({ CLICKLEDGER_WHO: who }, false)).toThrow(/^CLICKLEDGER_WHO: is ".*"; expected a name/);
});
