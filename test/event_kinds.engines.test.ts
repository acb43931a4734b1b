import { afterAll } from 'vitest';
import { secondDone } from './support/started.ts';

/** All kinds of events, on the second platform. */
afterAll(secondDone);

// In this order: the first expects all counts to be its own, and the other leaves some that do not balance.
await import('./kinds/counting.ts');
await import('./kinds/operating.ts');
