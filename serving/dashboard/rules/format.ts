import type { Unit } from './zone.ts';

const whole = new Intl.NumberFormat('en-US');
const decimal = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });
const share = new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 2, maximumFractionDigits: 2 });
const signedShare = new Intl.NumberFormat('en-US', {
  style: 'percent',
  signDisplay: 'exceptZero',
  maximumFractionDigits: 1,
});
const signed = new Intl.NumberFormat('en-US', { signDisplay: 'exceptZero' });

/** Stands for what is not known. */
export const UNKNOWN = '–';

export const countText = (count: number | null | undefined): string => (count == null ? UNKNOWN : whole.format(count));
/**
 * `1 click`, `2 clicks`.
 * @param plural of more than one, in which the first word is the noun: `copies dropped`
 */
export const amountText = (count: number, plural: string): string =>
  `${whole.format(count)} ${Math.abs(count) === 1 ? singularOf(plural) : plural}`;

export const singularOf = (plural: string): string =>
  plural.replace(/^(\w+?)(ies|s)\b/, (_, stem: string, end: string) => (end === 'ies' ? `${stem}y` : stem));

export const decimalText = (value: number | null): string => (value === null ? UNKNOWN : decimal.format(value));
export const shareText = (ratio: number | null | undefined): string => (ratio == null ? UNKNOWN : share.format(ratio));
export const signedText = (difference: number): string => signed.format(difference);
export const signedShareText = (ratio: number | null): string => (ratio === null ? UNKNOWN : signedShare.format(ratio));

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options });
  formats.set(key, known);
  return known;
}

const DATE = { weekday: 'short', day: 'numeric', month: 'short' } as const;
const TIME = { hour: '2-digit', minute: '2-digit' } as const;

export const timeText = (ms: number, zone: string): string => format(zone, TIME).format(ms);
const dateText = (ms: number, zone: string): string => format(zone, DATE).format(ms).replace(',', '');
export const momentText = (ms: number, zone: string): string => `${dateText(ms, zone)} ${timeText(ms, zone)}`;
export const secondText = (ms: number, zone: string): string => format(zone, { ...TIME, second: '2-digit' }).format(ms);

/** `21 Nov` of a UTC day. */
export const dayText = (day: string): string =>
  format('UTC', { day: 'numeric', month: 'short' }).format(Date.parse(day));

/** For a hover, so that a time in any zone can be compared with logs. */
export const utcText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** A window by its beginning and its end as answered. */
export function windowText(fromMs: number, toMs: number, unit: Unit, zone: string): string {
  if (unit === '1mo') return format(zone, { month: 'long', year: 'numeric' }).format(fromMs);
  if (unit === '1d') return dateText(fromMs, zone);
  if (unit === '1w') return `week of ${dateText(fromMs, zone)}`;
  return `${momentText(fromMs, zone)}–${timeText(toMs, zone)}`;
}

/** Below the axis of a chart. */
export function tickText(ms: number, unit: Unit, zone: string): string {
  if (unit === '1mo') return format(zone, { month: 'short' }).format(ms);
  if (unit === '1d' || unit === '1w') return format(zone, { day: 'numeric', month: 'short' }).format(ms);
  const text = timeText(ms, zone);
  return text === '00:00' ? format(zone, { day: 'numeric', month: 'short' }).format(ms) : text;
}

/** How old or long something is. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${decimal.format(Math.max(0, seconds))} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${decimal.format(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
