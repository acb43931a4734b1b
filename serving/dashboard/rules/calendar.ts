import { DAY_MS } from './zone.ts';

/** Weeks (Monday first) of a month, YYYY-MM; null: a day of another month. All of UTC, as runs have them. */
export function weeksOf(month: string): (string | null)[][] {
  const first = Date.parse(`${month}-01`);
  const lead = (new Date(first).getUTCDay() + 6) % 7;
  const length = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
  const days = Array.from({ length: Math.ceil((lead + length) / 7) * 7 }, (_, n) =>
    n < lead || n >= lead + length ? null : new Date(first + (n - lead) * DAY_MS).toISOString().slice(0, 10),
  );
  return Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
}

/** The month so many before, YYYY-MM. */
export const monthBefore = (month: string, months: number): string =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1 - months, 1)).toISOString().slice(0, 7);
