import type { components } from '../contract/description.d.ts';
import { amountText, countText, dayText, momentText } from './format.ts';

type Receipt = components['schemas']['Receipt'];

/**
 * `1,204 clicks: 1,100 final from run 3 of 21 Nov, 104 provisional up to Sat 21 Nov 14:32, 2 late.`
 * @param noun of more than one
 */
export function receiptInWords(count: number, noun: string, receipt: Receipt, zone: string): string {
  const { batch, realtime, late } = receipt;
  const parts = [
    ...(batch.runs.length > 0 ? [`${countText(batch.count)} final from ${runsInWords(batch.runs)}`] : []),
    ...(realtime.to === null
      ? []
      : [`${countText(realtime.count)} provisional up to ${momentText(Date.parse(realtime.to), zone)}`]),
    ...(late === null ? ['late ones cannot be told any more'] : late > 0 ? [`${countText(late)} late, not in it`] : []),
  ];
  const counted = amountText(count, noun);
  return parts.length === 0 ? `${counted}.` : `${counted}: ${parts.join(', ')}.`;
}

function runsInWords(runs: Receipt['batch']['runs']): string {
  const [first] = runs;
  const last = runs.at(-1);
  if (!first || !last) return 'no run';
  if (runs.length === 1) return `run ${first.run} of ${dayText(first.date)}`;
  const days = runs.map(({ date }) => date).sort();
  return `${runs.length} runs of ${dayText(days[0] ?? '')} to ${dayText(days.at(-1) ?? '')}`;
}

/** Whether the API has no such question, unlike no such thing. */
const isUnknownQuestion = ({ type, detail }: { type?: string; detail?: string }): boolean =>
  type === 'urn:clickledger:problem:not-found' && detail?.startsWith('nothing is found at ') === true;

/** What a failed question says to a person, in one sentence. */
export function problemInWords(problem: {
  status: number;
  type?: string;
  title?: string;
  detail?: string;
  missing?: unknown;
}): string {
  if (isUnknownQuestion(problem)) return 'This API does not answer this question yet.';
  if (problem.status === 0) return 'The API does not answer. What is shown is from before.';
  if (problem.status === 503 && Array.isArray(problem.missing) && problem.missing.length > 0) {
    return `${problem.missing.map(nameOf).join(' and ')} ${problem.missing.length === 1 ? 'does' : 'do'} not answer, so this number cannot be told now.`;
  }
  if (problem.status === 429) return 'Too many questions with this token: it goes on by itself in a minute.';
  return sentence(problem.detail ?? problem.title ?? `The API answered ${problem.status}`);
}

const NAMES: Record<string, string> = {
  clickhouse: 'ClickHouse',
  elasticsearch: 'Elasticsearch',
  hive: 'Hive',
  kafka: 'Kafka',
};
const nameOf = (part: unknown): string => NAMES[String(part)] ?? String(part);

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
