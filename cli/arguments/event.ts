import { InvalidArgumentError, Option } from 'commander';
import { EVENT_KINDS, type EventKind, eventTopics } from '../../domain/event_kinds.ts';
import type { Config } from '../../infra/config.ts';

type Kinds = Pick<Config, 'eventKinds'>;
type Topics = Pick<Config, 'eventKinds' | 'regions'>;

/** `--event`; without it the command says which kinds it is for. */
export const eventOption = (what: string): Option => new Option('--event <kind>', what).argParser(eventArgument);

function eventArgument(text: string): EventKind {
  const event = EVENT_KINDS.find((kind) => kind === text);
  if (event === undefined) throw new InvalidArgumentError(`Expected one of ${EVENT_KINDS.join(', ')}.`);
  return event;
}

/** The kind that was named, or all that are run. */
export function namedKinds(config: Kinds, event: EventKind | undefined): EventKind[] {
  return event === undefined ? config.eventKinds : [runKind(config, event)];
}

/** The kind that was named, or the only one that is run. Throws if several are and none was named. */
export function oneKind(config: Kinds, event: EventKind | undefined): EventKind {
  const [first, ...others] = namedKinds(config, event);
  if (first === undefined || others.length > 0) {
    throw new Error(`--event: say of which kind; ${config.eventKinds.join(', ')} are run`);
  }
  return first;
}

/** Throws if the kind is not run. */
export function runKind({ eventKinds }: Kinds, event: EventKind = 'click'): EventKind {
  if (eventKinds.includes(event)) return event;
  throw new Error(`--event: ${event} is not run; EVENT_KINDS is ${eventKinds.join(',')}`);
}

/** The kind whose events are counted from the topic. Throws if none that is run is. */
export function kindOfTopic({ eventKinds, regions }: Topics, topic: string): EventKind {
  const event = eventKinds.find((kind) => eventTopics(kind, regions).includes(topic));
  if (event !== undefined) return event;
  const topics = eventKinds.flatMap((kind) => eventTopics(kind, regions));
  throw new Error(`--partition: ${topic} is none of ${topics.join(', ')}`);
}
