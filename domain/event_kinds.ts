/**
 * What is counted. Each kind goes the whole way by itself, from its topic to its runs; nothing is counted across kinds.
 * In the order in which they are served.
 */
export const EVENT_KINDS = ['click', 'impression', 'conversion'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Also the topic of events without a region. */
export const PLURAL = { click: 'clicks', impression: 'impressions', conversion: 'conversions' } as const;

/** A value for each kind. */
export function byKind<T>(of: (event: EventKind) => T): Record<EventKind, T> {
  return { click: of('click'), impression: of('impression'), conversion: of('conversion') };
}

/** `impressions.eu`; without a region `impressions`. */
export const eventTopic = (event: EventKind, region: string | null): string =>
  region === null ? PLURAL[event] : `${PLURAL[event]}.${region}`;

/** Every topic that events of a kind are counted from. */
export const eventTopics = (event: EventKind, regions: readonly string[]): string[] =>
  [null, ...regions].map((region) => eventTopic(event, region));

/** The topic of a kind beside a topic of clicks: `clicks.eu` → `impressions.eu`. */
export function topicBeside(clicksTopic: string, event: EventKind): string {
  if (event === 'click') return clicksTopic;
  if (!clicksTopic.includes(PLURAL.click)) throw new Error(`${clicksTopic} is no topic of clicks`);
  return clicksTopic.replace(PLURAL.click, PLURAL[event]);
}

/** The kind whose topic it is, of whatever region; null: no topic that events are counted from. */
export function eventOfTopic(topic: string): EventKind | null {
  return EVENT_KINDS.find((event) => topic === PLURAL[event] || topic.startsWith(`${PLURAL[event]}.`)) ?? null;
}

/** What counts days of a kind again, as advice. */
export const rebuildCommand = (event: EventKind): string =>
  `clickledger rebuild ${event === 'click' ? '' : `--event ${event} `}--from <day> --to <day after the last> --reason <text>`;
