import { monthBefore, weeksOf } from '../rules/calendar.ts';
import type { DayRuns, DayState } from '../rules/finality.ts';
import { countText } from '../rules/format.ts';

const SIGNS: Record<DayState, string> = { final: '■', restated: '◆', blocked: '✕', provisional: '▨' };
const WORDS: Record<DayState, string> = {
  final: 'final',
  restated: 'restated',
  blocked: 'its newest run is blocked',
  provisional: 'no run',
};
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const monthName = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const dayName = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' });

/** A month of days, each by how final it is. */
export function Calendar({
  days,
  noun,
  shown,
  today,
  onChoose,
}: {
  days: ReadonlyMap<string, DayRuns>;
  /** What is counted: the plural. */
  noun: string;
  shown: string;
  today: string;
  onChoose: (day: string) => void;
}) {
  const month = shown.slice(0, 7);
  const toMonth = (by: number) => onChoose(`${monthBefore(month, by)}-01`);
  return (
    <>
      <div className="month">
        <button type="button" className="button quiet" aria-label="The month before" onClick={() => toMonth(1)}>
          ◀
        </button>
        <h3 aria-live="polite">{monthName.format(Date.parse(`${month}-01`))}</h3>
        <button type="button" className="button quiet" aria-label="The month after" onClick={() => toMonth(-1)}>
          ▶
        </button>
      </div>
      <table className="calendar">
        <thead>
          <tr>
            {WEEKDAYS.map((name) => (
              <th key={name} scope="col" className="calendar-head">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(month).map((week, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a week has no other name, and does not move
            <tr key={n}>
              {week.map((date, column) => (
                <td key={date ?? WEEKDAYS[column]}>
                  {date !== null && (
                    <Day
                      date={date}
                      day={days.get(date)}
                      noun={noun}
                      isShown={date === shown}
                      isToday={date === today}
                      isAhead={date > today}
                      onChoose={onChoose}
                    />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Day({
  date,
  day,
  noun,
  isShown,
  isToday,
  isAhead,
  onChoose,
}: {
  date: string;
  day: DayRuns | undefined;
  noun: string;
  isShown: boolean;
  isToday: boolean;
  isAhead: boolean;
  onChoose: (day: string) => void;
}) {
  const state = day?.state ?? 'provisional';
  const words = isAhead ? 'not begun' : isToday ? 'not over yet' : WORDS[state];
  return (
    <button
      type="button"
      className={`day ${isAhead ? 'ahead' : isToday ? 'open' : state}`}
      aria-pressed={isShown}
      title={words}
      onClick={() => onChoose(date)}
    >
      <span className="sr">{`${dayName.format(Date.parse(date))}: ${words}.`}</span>
      <b aria-hidden="true">{Number(date.slice(8))}</b>
      <span className="sign" aria-hidden="true">
        {isAhead ? '' : isToday ? '◌' : day ? SIGNS[state] : ''}
      </span>
      <small>
        {day?.run ? countText(day.run.clicks) : ' '}
        {day?.run && <span className="sr"> {noun}</span>}
      </small>
    </button>
  );
}
