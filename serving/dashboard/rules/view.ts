import { COMPARISONS, type Comparison, PERIODS, type Period } from './periods.ts';
import { isZone, UNITS, type Unit } from './zone.ts';

export const METRICS = ['clicks', 'impressions', 'ctr', 'conversions', 'cvr'] as const;
export type Metric = (typeof METRICS)[number];

export const EVENTS = ['click', 'impression', 'conversion'] as const;
export type Event = (typeof EVENTS)[number];
/** What several of a kind are called. */
export const PLURAL = { click: 'clicks', impression: 'impressions', conversion: 'conversions' } as const;

export const WINDOWS = [1, 5, 15, 60] as const;

/** All that the page shows, as its address has it: a link shows the same to anybody. */
export interface View {
  period: Period;
  from: string;
  to: string;
  /** '' : as the period suggests. */
  unit: Unit | '';
  /** '' : that of the browser. */
  zone: string;
  compare: Comparison;
  complete: boolean;
  metric: Metric;
  /** One or several, by comma; '' : all. */
  country: string;
  /** The id of a registered filter. */
  filter: number;
  /** '' : none has been chosen yet. */
  ad: string;
  /** The ad that it is compared with, instead of a period before; '' : none. */
  other: string;
  /** Minutes that the live list is over. */
  live: number;
  /** '' : the latest. */
  day: string;
  /** Whose days are shown. */
  event: Event;
}

export const DEFAULT_VIEW: View = {
  period: 'today',
  from: '',
  to: '',
  unit: '',
  zone: '',
  compare: 'before',
  complete: false,
  metric: 'clicks',
  country: '',
  filter: 0,
  ad: '',
  other: '',
  live: 5,
  day: '',
  event: 'click',
};

const oneOf = <T extends string>(values: readonly T[], text: string | undefined, fallback: T): T =>
  values.find((value) => value === text) ?? fallback;

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const dateOr = (text: string | undefined): string =>
  text !== undefined && DATE.test(text) && new Date(`${text}T00:00Z`).toJSON()?.startsWith(text) ? text : '';

/** Whatever stands in the address: what is not understood is left at its default. */
export function readView(search: Readonly<Record<string, string | undefined>>): View {
  const [from, to] = [dateOr(search.from), dateOr(search.to)];
  const isCustom = search.period === 'custom' && from !== '' && to !== '' && from <= to;
  const period = oneOf(PERIODS, search.period, DEFAULT_VIEW.period);
  const country = (search.country ?? '').toUpperCase();
  return {
    period: period === 'custom' && !isCustom ? DEFAULT_VIEW.period : period,
    from: isCustom ? from : '',
    to: isCustom ? to : '',
    unit: oneOf(UNITS as readonly (Unit | '')[], search.unit, ''),
    zone: search.zone !== undefined && isZone(search.zone) ? search.zone : '',
    compare: oneOf(COMPARISONS, search.compare, DEFAULT_VIEW.compare),
    complete: search.complete === '1',
    metric: oneOf(METRICS, search.metric, DEFAULT_VIEW.metric),
    country: /^[A-Z]{2,3}(,[A-Z]{2,3})*$/.test(country) ? country : '',
    filter: /^\d{1,9}$/.test(search.filter ?? '') ? Number(search.filter) : 0,
    ad: search.ad ?? '',
    other: search.other ?? '',
    live: WINDOWS.find((minutes) => String(minutes) === search.live) ?? DEFAULT_VIEW.live,
    day: dateOr(search.day),
    event: oneOf(EVENTS, search.event, DEFAULT_VIEW.event),
  };
}

/** What is not at its default, in an order that does not change. */
export function writeView(view: View): Record<string, string> {
  const entries = Object.entries(view).filter(([name, value]) => value !== DEFAULT_VIEW[name as keyof View]);
  return Object.fromEntries(entries.map(([name, value]) => [name, value === true ? '1' : String(value)]));
}
