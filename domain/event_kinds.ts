/**
 * What is counted. Each kind goes the whole way by itself, from its topic to its runs; nothing is counted across kinds.
 * In the order in which they are served.
 */
export const EVENT_KINDS = ['click', 'impression', 'conversion'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

const TOPIC = { click: 'clicks', impression: 'impressions', conversion: 'conversions' } as const;

/** `impressions.eu`; without a region `impressions`. */
export const eventTopic = (kind: EventKind, region: string | null): string =>
  region === null ? TOPIC[kind] : `${TOPIC[kind]}.${region}`;

/** The topic of a kind beside a topic of clicks: `clicks.eu` → `impressions.eu`. */
export function topicBeside(clicksTopic: string, kind: EventKind): string {
  if (kind === 'click') return clicksTopic;
  if (!clicksTopic.includes(TOPIC.click)) throw new Error(`${clicksTopic} is no topic of clicks`);
  return clicksTopic.replace(TOPIC.click, TOPIC[kind]);
}
