import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { popularQuestion } from '../api/questions.ts';
import { perMinute, rankChange } from '../rules/compare.ts';
import { countText, decimalText } from '../rules/format.ts';
import type { Scope } from '../rules/scope.ts';
import { WINDOWS } from '../rules/view.ts';
import { MINUTE_MS } from '../rules/zone.ts';
import { useView, viewWith } from '../state/view.ts';
import { Moment } from './moment.tsx';
import { Panel } from './panel.tsx';
import { ReceiptButton, totalOf } from './receipt.tsx';

interface Listed {
  key: string;
  ids: string[];
  before: string[] | null;
}

/** The list of the minute before the one that is shown, of the same question. */
function usePrevious(question: string, minute: string | undefined, ids: string[] | undefined): string[] | null {
  const [listed, setListed] = useState<Listed | null>(null);
  const key = `${question} ${minute}`;
  if (minute !== undefined && ids !== undefined && listed?.key !== key) {
    const isSame = listed?.key.startsWith(`${question} `);
    const next = { key, ids, before: isSame ? (listed?.ids ?? null) : null };
    setListed(next);
    return next.before;
  }
  return listed?.before ?? null;
}

/** The most clicked ads of the last minutes, which follows by itself. */
export function Live({ scope }: { scope: Scope }) {
  const [{ live }, change] = useView();
  const question = useQuery(popularQuestion(live, scope.narrowed));
  const { data, isPlaceholderData } = question;
  const asked = JSON.stringify([live, scope.narrowed]);
  const before = usePrevious(asked, isPlaceholderData ? undefined : data?.update_time_minute, data?.ad_ids);
  const most = data?.ads[0]?.count ?? 1;
  return (
    <Panel
      title="Top ads now"
      question={question}
      aside={
        <>
          <fieldset className="segments">
            <legend className="sr">Minutes</legend>
            {WINDOWS.map((minutes) => (
              <button
                key={minutes}
                type="button"
                aria-pressed={live === minutes}
                onClick={() => change({ live: minutes })}
              >
                {minutes} min
              </button>
            ))}
          </fieldset>
          {data && (
            <ReceiptButton
              of="these ads"
              counts={[{ noun: 'clicks', count: totalOf(data.receipt), receipt: data.receipt }]}
              zone={scope.zone}
            />
          )}
        </>
      }
    >
      {data && (
        <>
          <p className="note">
            {data.window} min to <Moment ms={Date.parse(data.update_time_minute)} zone={scope.zone} as="time" />, exact
          </p>
          <table className="numbers bars">
            <thead className="sr">
              <tr>
                <th scope="col">Rank</th>
                <th scope="col">Ad</th>
                <th scope="col">Clicks</th>
                <th scope="col">A minute</th>
              </tr>
            </thead>
            <tbody>
              {data.ads.map(({ ad_id, count }, rank) => (
                <tr key={ad_id}>
                  <td className="rank">
                    {rank + 1} <RankChange change={rankChange(ad_id, rank, before)} />
                  </td>
                  <th scope="row">
                    <Share part={count ?? 0} whole={most} />
                    <Link to="/ad" search={viewWith({ ad: ad_id })}>
                      {ad_id}
                    </Link>
                  </th>
                  <td>{countText(count)}</td>
                  <td className="quiet">
                    {decimalText(count === null ? null : perMinute(count, data.window * MINUTE_MS))}/min
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {data.ads.length === 0 && <p className="empty">No clicks in these minutes.</p>}
        </>
      )}
    </Panel>
  );
}

function RankChange({ change }: { change: number | 'new' | null }) {
  if (change === null || change === 0) return <span className="same" />;
  if (change === 'new')
    return (
      <span className="up" title="not in the list a minute ago">
        new
      </span>
    );
  return (
    <span className={change > 0 ? 'up' : 'down'} title="places since a minute ago">
      {change > 0 ? '▲' : '▼'}
      {Math.abs(change)}
    </span>
  );
}

/** The bar behind a row. Its length is an attribute of an SVG element: a style would need an exception of the policy. */
export function Share({ part, whole }: { part: number; whole: number }) {
  return (
    <svg className="share" aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 1">
      <rect width={whole === 0 ? 0 : (100 * part) / whole} height="1" />
    </svg>
  );
}
