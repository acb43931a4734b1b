import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asOfQuestion, runsQuestion } from '../api/questions.ts';
import { changeOf } from '../rules/compare.ts';
import { amountText, countText, dayText, signedText } from '../rules/format.ts';
import type { Scope } from '../rules/scope.ts';
import { DAY_MS, HOUR_MS } from '../rules/zone.ts';
import { MarkSign } from './mark.tsx';
import { Moment } from './moment.tsx';
import { Panel } from './panel.tsx';
import { ReceiptButton } from './receipt.tsx';

const AGO: [string, number][] = [
  ['an hour ago', HOUR_MS],
  ['a day ago', DAY_MS],
  ['2 days ago', 2 * DAY_MS],
  ['a week ago', 7 * DAY_MS],
];

/** Why a number changed: the same question as it was answered then and is now, and what was published between. */
export function Why({ ad, scope }: { ad: string; scope: Scope }) {
  const [agoMs, setAgo] = useState(DAY_MS);
  const { asked, nowMs, zone, narrowed } = scope;
  const thenMs = nowMs - agoMs;
  const isBefore = thenMs <= asked.fromMs;
  const then = useQuery({ ...asOfQuestion(ad, asked, thenMs, narrowed), enabled: !isBefore });
  const now = useQuery(asOfQuestion(ad, asked, nowMs, narrowed));
  const { data: runs } = useQuery(runsQuestion('click'));
  const between = (runs?.runs ?? []).filter(({ published_at, rolled_back_at, date }) => {
    const isAsked = Date.parse(date) < asked.toMs && Date.parse(date) + DAY_MS > asked.fromMs;
    const times = [published_at, rolled_back_at].flatMap((time) => (time === null ? [] : [Date.parse(time)]));
    return isAsked && times.some((time) => time > thenMs && time <= nowMs);
  });
  const change = isBefore ? null : changeOf(now.data?.count, then.data?.count);
  return (
    <Panel
      title="Why did this number change?"
      question={isBefore ? now : then}
      aside={
        <select
          aria-label="Compare with the answer of"
          value={agoMs}
          onChange={({ target }) => setAgo(Number(target.value))}
        >
          {AGO.map(([words, ms]) => (
            <option key={ms} value={ms}>
              {words}
            </option>
          ))}
        </select>
      }
    >
      {isBefore ? (
        <p className="empty">The period had not begun then.</p>
      ) : (
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">answered</th>
              <th scope="col">clicks</th>
              <th scope="col">how final</th>
              <th scope="col">
                <span className="sr">receipt</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {(
              [
                [then.data, thenMs],
                [now.data, nowMs],
              ] as const
            ).map(([answer, ms]) => (
              <tr key={ms}>
                <th scope="row">
                  <Moment ms={ms} zone={zone} />
                </th>
                <td>{countText(answer?.count)}</td>
                <td>{answer && <MarkSign mark={answer.receipt.status} />}</td>
                <td>
                  {answer && (
                    <ReceiptButton
                      of="the answer"
                      counts={[{ noun: 'clicks', count: answer.count, receipt: answer.receipt }]}
                      zone={zone}
                    />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {change && (
        <p className="note">
          {change.difference === 0
            ? 'The answers are the same.'
            : `${signedText(change.difference)} ${Math.abs(change.difference) === 1 ? 'click' : 'clicks'} since then.`}{' '}
          {between.length === 0 && 'No run of these days was published or rolled back between.'}
        </p>
      )}
      <ul className="events">
        {between.map((run) => (
          <li key={`${run.date} ${run.run}`}>
            Run {run.run} of {dayText(run.date)}, {run.state}: {amountText(run.clicks, 'clicks')},{' '}
            {countText(run.late_included)} of them late, {amountText(run.copies_dropped, 'copies dropped')}. Asked for
            by {run.requested_by}: {run.reason}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
