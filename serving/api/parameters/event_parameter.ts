import { EVENT_KINDS, type EventKind } from '../../../domain/event_kinds.ts';
import { badParameters } from '../contract/problem.ts';
import type { Stores } from '../stores/engines.ts';
import { textParam, titled } from './values.ts';

export const kind = textParam(
  `a kind of event: ${EVENT_KINDS.join(', ')}`,
  (text) => EVENT_KINDS.find((event) => event === text) ?? null,
  { type: 'string', enum: [...EVENT_KINDS] },
);

const PERFORMANCE = 'performance' as const;
const kindOrAll = textParam(
  `a kind of event: ${EVENT_KINDS.join(', ')}; or ${PERFORMANCE}: all of them, and their rates`,
  (text) => ([...EVENT_KINDS, PERFORMANCE] as const).find((event) => event === text) ?? null,
  { type: 'string', enum: [...EVENT_KINDS, PERFORMANCE] },
);
/** One that can also be about all of them. */
export const eventOrPerformance = {
  event: titled('The events that are counted; click if it is left out', kindOrAll.default('click')),
};

/** Every question is about one kind of event. */
export const eventParameter = {
  event: titled('The events that are counted; click if it is left out', kind.default('click')),
};

interface KindDeps {
  /** The stores of clicks. */
  stores: Stores;
  otherStores: readonly Stores[];
}

/** The kinds that are run, clicks first. */
export const runKinds = ({ stores, otherStores }: KindDeps): Stores[] => [stores, ...otherStores];

/** What a kind is answered from. Throws a Problem that says what is run if the kind is not. */
export function storesOf(deps: KindDeps, event: EventKind): Stores {
  const found = runKinds(deps).find((stores) => stores.event === event);
  if (found !== undefined) return found;
  const kinds = runKinds(deps).map((stores) => stores.event);
  throw badParameters([
    { parameter: 'event', expected: `a kind that is run: ${kinds.join(', ')} (EVENT_KINDS)`, got: event },
  ]);
}

/** The kind that was named, or all that are run. */
export const kindsOf = (deps: KindDeps, event: EventKind | undefined): Stores[] =>
  event === undefined ? runKinds(deps) : [storesOf(deps, event)];

/** The kind that was named, or the only one that is run. Throws a Problem if several are and none was named. */
export function oneKind(deps: KindDeps, event: EventKind | undefined): Stores {
  const [first, ...others] = kindsOf(deps, event);
  if (first !== undefined && others.length === 0) return first;
  const kinds = runKinds(deps).map((stores) => stores.event);
  throw badParameters([{ parameter: 'event', expected: `which kind it is for: ${kinds.join(', ')} are run` }]);
}
