import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Run, reconciliationQuestion } from '../api/questions.ts';
import type { DayRuns } from '../rules/finality.ts';
import { amountText, countText, signedText } from '../rules/format.ts';
import { type Event, PLURAL } from '../rules/view.ts';
import { viewWith } from '../state/view.ts';
import { Corrections } from './corrections.tsx';
import { Moment } from './moment.tsx';
import { Panel } from './panel.tsx';
import { Scroll } from './scroll.tsx';

const longDay = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' });

/** A day's runs, and by what its newest run was let through or blocked. */
export function DayReport({
  event,
  date,
  day,
  today,
  zone,
}: {
  event: Event;
  date: string;
  day: DayRuns | null;
  today: string;
  zone: string;
}) {
  const noun = PLURAL[event];
  return (
    <div className="stack">
      <Panel title={`${longDay.format(Date.parse(date))} (UTC)`}>
        <p className="note">{inWords(day, { noun, date, today })}</p>
        {day && <Runs runs={day.runs} noun={noun} zone={zone} />}
      </Panel>
      {date < today && <Corrections key={`${event} ${date}`} event={event} date={date} day={day} zone={zone} />}
      {day && <Reconciliation event={event} date={date} />}
    </div>
  );
}

function inWords(day: DayRuns | null, { noun, date, today }: { noun: string; date: string; today: string }): string {
  if (date > today) return 'This day has not begun.';
  if (date === today) return 'This day is not over: it is answered from what has been counted as it came.';
  if (day?.run == null) return 'No run answers for this day: it is answered from what has been counted as it came.';
  const { run, state } = day;
  const counted = `Run ${run.run} answers for this day: ${amountText(run.clicks, noun)}, each counted once.`;
  if (state === 'restated') return `${counted} It has replaced an earlier run.`;
  if (state === 'blocked') return `${counted} A newer run is blocked, because something of it is unexplained.`;
  return counted;
}

function Runs({ runs, noun, zone }: { runs: Run[]; noun: string; zone: string }) {
  return (
    <Scroll label="Runs">
      <table className="numbers">
        <thead>
          <tr>
            <th scope="col">run</th>
            <th scope="col">state</th>
            <th scope="col">{noun}</th>
            <th scope="col">late in it</th>
            <th scope="col">copies dropped</th>
            <th scope="col">published</th>
            <th scope="col" className="text">
              why, and who
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.run}>
              <th scope="row">{run.run}</th>
              <td>{run.state.replace('_', ' ')}</td>
              <td>{countText(run.clicks)}</td>
              <td>{countText(run.late_included)}</td>
              <td>{countText(run.copies_dropped)}</td>
              <td>{run.published_at === null ? '–' : <Moment ms={Date.parse(run.published_at)} zone={zone} />}</td>
              <td className="text">
                {run.reason} ({run.requested_by})
                {run.accepted_by !== '' && `, accepted by ${run.accepted_by}: ${run.accepted_reason}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const CAUSES = [
  ['late', 'Late: arrived after the cut'],
  ['copies', 'Copies that real time had counted'],
  ['redriven', 'Sent again by a re-drive'],
  ['unattributed', 'Cannot be told: raw rows have expired'],
  ['collision', 'Dropped by a collision of hashes'],
  ['unexplained', 'Unexplained'],
] as const;

function Reconciliation({ event, date }: { event: Event; date: string }) {
  const question = useQuery(reconciliationQuestion(event, date));
  const { data } = question;
  const row = (name: ReactNode, value: string, isWrong = false) => (
    <tr className={isWrong ? 'wrong' : undefined}>
      <th scope="row">{name}</th>
      <td>{value}</td>
    </tr>
  );
  return (
    <Panel
      title="Reconciliation"
      question={question}
      aside={data && <span className={`verdict ${data.verdict}`}>{data.verdict}</span>}
    >
      {data && (
        <div className="columns two">
          <table className="numbers">
            <tbody>
              {row('Real time', countText(data.realtime))}
              {row(`Run ${data.run}`, countText(data.counted))}
              {row('Real time less run', signedText(data.difference))}
              {CAUSES.map(([name, words]) =>
                row(words, countText(data[name]), name === 'unexplained' && data[name] !== 0),
              )}
            </tbody>
          </table>
          <Scroll label="Sums that must agree">
            <table className="numbers">
              <thead>
                <tr>
                  <th scope="col">sums that must agree</th>
                  <th scope="col">left</th>
                  <th scope="col">right</th>
                  <th scope="col">agree</th>
                </tr>
              </thead>
              <tbody>
                {data.rules.map(({ rule, left, right, ok }) => (
                  <tr key={rule} className={ok ? undefined : 'wrong'}>
                    <th scope="row">{rule}</th>
                    <td>{countText(left)}</td>
                    <td>{countText(right)}</td>
                    <td>{ok ? '✓ yes' : '✕ no'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {data.worst_ads.length > 0 && <WorstAds ads={data.worst_ads} />}
          </Scroll>
        </div>
      )}
    </Panel>
  );
}

interface DifferingAd {
  ad_id: string;
  realtime: number;
  counted: number;
  difference: number;
  late: number;
  copies: number;
  redriven: number;
  unexplained: number;
}

function WorstAds({ ads }: { ads: DifferingAd[] }) {
  return (
    <table className="numbers">
      <thead>
        <tr>
          <th scope="col">ads that differ most</th>
          <th scope="col">real time</th>
          <th scope="col">run</th>
          <th scope="col">difference</th>
          <th scope="col">late</th>
          <th scope="col">copies</th>
          <th scope="col">sent again</th>
          <th scope="col">unexplained</th>
        </tr>
      </thead>
      <tbody>
        {ads.slice(0, 10).map(({ ad_id, realtime, counted, difference, late, copies, redriven, unexplained }) => (
          <tr key={ad_id} className={unexplained === 0 ? undefined : 'wrong'}>
            <th scope="row">
              <Link to="/ad" search={viewWith({ ad: ad_id })}>
                {ad_id}
              </Link>
            </th>
            <td>{countText(realtime)}</td>
            <td>{countText(counted)}</td>
            <td>{signedText(difference)}</td>
            <td>{countText(late)}</td>
            <td>{countText(copies)}</td>
            <td>{countText(redriven)}</td>
            <td>{signedText(unexplained)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
