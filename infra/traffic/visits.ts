import type { EventKind } from '../../domain/event_kinds.ts';
import { eventId, randomNumbers, type SampleEvent, type SampleOptions, sampleEvents, textLines } from './lines.ts';

/** On average. */
const IMPRESSIONS_PER_CLICK = 50;
const CONVERSIONS_PER_CLICK = 0.05;
/** Share of impressions that tell with which program and from where they were seen. */
const DESCRIBED_SHARE = 0.1;
const PROGRAMS = ['Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', 'Mozilla/5.0 (iPhone) Safari/605.1', 'curl/8.5.0'];
const SITES = ['https://news.example/', 'https://shop.example/shoes?size=42', 'https://forum.example/a,b'];
const MOST_CENTS = 20_000;

interface VisitOptions extends SampleOptions {
  /** The other kinds that are written. */
  beside: readonly EventKind[];
}

/**
 * Lines of a click and of what belongs to it: 1 to 99 impressions in front of it, of which the last is the one that was
 * clicked, and after one click in twenty a conversion. The clicks are those that the same seed gives where nothing but
 * clicks is written: all else is decided by numbers of its own. Only that a click which a conversion names has an id.
 */
export function sampleVisits({ beside, ...options }: VisitOptions): (nowMs: number) => string[] {
  const nextClick = sampleEvents(options);
  const nextImpression = sampleEvents({ ...options, seed: options.seed + 1 });
  const random = randomNumbers(options.seed + 2);
  const any = (texts: readonly string[]): string => texts[Math.floor(random() * texts.length)] as string;
  const lineOf = annotatedLines();

  function impressionsBefore(click: SampleEvent, nowMs: number): { seen: string; lines: string[] } {
    const others = Math.floor(random() * (2 * IMPRESSIONS_PER_CLICK - 1));
    const lines = Array.from({ length: others }, () => {
      const isDescribed = random() < DESCRIBED_SHARE;
      const annotations = isDescribed ? { ua: any(PROGRAMS), referrer: any(SITES) } : {};
      return lineOf('impression', nextImpression(), annotations, nowMs);
    });
    const seen = eventId(random);
    return { seen, lines: [...lines, lineOf('impression', { ...click, id: seen }, {}, nowMs)] };
  }

  function conversionAfter(click: SampleEvent, nowMs: number): string {
    const value = (Math.floor(random() * MOST_CENTS) / 100).toFixed(2);
    const annotations = { click_id: click.id, value, currency: 'EUR' };
    return lineOf('conversion', { ...click, id: eventId(random) }, annotations, nowMs);
  }

  return (nowMs) => {
    const click = nextClick();
    const isConverted = beside.includes('conversion') && random() < CONVERSIONS_PER_CLICK;
    if (isConverted && click.id === '') click.id = eventId(random);
    const lines: string[] = [];
    const annotations: Record<string, string> = {};
    if (beside.includes('impression')) {
      const before = impressionsBefore(click, nowMs);
      lines.push(...before.lines);
      annotations.impression_id = before.seen;
    }
    lines.push(lineOf('click', click, annotations, nowMs));
    if (isConverted) lines.push(conversionAfter(click, nowMs));
    return lines;
  };
}

type AnnotatedLineOf = (
  kind: EventKind,
  event: SampleEvent,
  annotations: Record<string, string>,
  nowMs: number,
) => string;

function annotatedLines(): AnnotatedLineOf {
  const lineOf = textLines();
  return (kind, event, annotations, nowMs) => {
    const line = lineOf(kind, event, nowMs);
    const items = Object.entries(annotations).map(([name, value]) => `, ${name}="${value}"`);
    if (items.length === 0) return line;
    // The sixth field is the id, also where there is none.
    return `${line}${event.id === '' ? ', ' : ''}${items.join('')}`;
  };
}
