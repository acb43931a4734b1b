import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { reportQuestion, rowsQuery, seriesQuestion } from '../api/questions.ts';
import { countText } from '../rules/format.ts';
import type { Scope } from '../rules/scope.ts';
import { highest, lineOf } from '../rules/spark.ts';
import { DAY_MS } from '../rules/zone.ts';
import { viewWith } from '../state/view.ts';
import { Share } from './live.tsx';
import { Moment } from './moment.tsx';
import { Panel } from './panel.tsx';
import { ReceiptButton } from './receipt.tsx';
import { Scroll } from './scroll.tsx';

const MOST_COUNTRIES = 8;
const MOST_HOURS = 10;
/** Hours of longer periods are too many for one question. */
const HOURS_WITHIN_MS = 32 * DAY_MS;

/** The countries with most of an ad's clicks, each with its windows. */
export function AdCountries({ ad, scope }: { ad: string; scope: Scope }) {
  const { asked, narrowed, unit, zone } = scope;
  const most = { ad, metrics: 'clicks', order: '-clicks', limit: MOST_COUNTRIES };
  const question = useQuery(reportQuestion(rowsQuery('country', asked, zone, narrowed, most)));
  const { data } = question;
  const found = data?.rows ?? [];
  const series = useQueries({
    queries: found.map(({ country }) => {
      const ofCountry = country === undefined ? {} : { country };
      return seriesQuestion(ad, asked, { unit, zone, narrowed: { ...narrowed, ...ofCountry }, metric: 'clicks' });
    }),
  });
  const rows = found.map(({ country = '', clicks }, n) => ({ country, clicks, points: series[n]?.data?.points ?? [] }));
  const highestPoint = highest(rows.flatMap(({ points }) => points.map(({ count }) => count ?? 0)));
  const failed = series.find(({ error }) => error !== null)?.error ?? null;
  return (
    <Panel
      title="By country"
      question={{ ...question, error: question.error ?? failed }}
      aside={
        data && (
          <>
            <span className="quiet">{countText(data.rows_in_all)} in all</span>
            <ReceiptButton
              of="the countries"
              counts={Object.values(data.receipts).map((receipt) => ({
                noun: 'clicks',
                count: data.total.clicks ?? null,
                receipt,
              }))}
              zone={zone}
            />
          </>
        )
      }
    >
      <Scroll label="By country">
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">country</th>
              <th scope="col" className="text">
                over the period
              </th>
              <th scope="col">clicks</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ country, points, clicks }) => (
              <tr key={country}>
                <th scope="row">
                  <Link to="." search={viewWith({ country })}>
                    {country}
                  </Link>
                </th>
                <td className="text">
                  <svg className="spark" aria-hidden="true" viewBox="0 0 200 24" preserveAspectRatio="none">
                    <path
                      d={lineOf(
                        points.map(({ count }) => count ?? null),
                        highestPoint,
                      )}
                      vectorEffect="non-scaling-stroke"
                    />
                  </svg>
                </td>
                <td>{countText(clicks)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {data?.rows.length === 0 && <p className="empty">No clicks in this period.</p>}
    </Panel>
  );
}

/** The hours in which an ad was clicked most. */
export function AdHours({ ad, scope }: { ad: string; scope: Scope }) {
  const { asked, narrowed, zone } = scope;
  const isTooLong = asked.toMs - asked.fromMs > HOURS_WITHIN_MS;
  const question = useQuery({
    ...seriesQuestion(ad, asked, { unit: '1h', zone, narrowed, metric: 'clicks' }),
    enabled: !isTooLong && asked.toMs > asked.fromMs,
  });
  const hours = (question.data?.points ?? [])
    .filter(({ count }) => (count ?? 0) > 0)
    .toSorted((a, b) => (b.count ?? 0) - (a.count ?? 0) || (a.from < b.from ? -1 : 1))
    .slice(0, MOST_HOURS);
  const most = hours[0]?.count ?? 0;
  return (
    <Panel title="Hours with most clicks" question={isTooLong ? { ...question, isFetching: false } : question}>
      {isTooLong ? (
        <p className="empty">Choose at most a month.</p>
      ) : (
        <table className="numbers bars">
          <tbody>
            {hours.map(({ from, count }) => (
              <tr key={from}>
                <th scope="row">
                  <Share part={count ?? 0} whole={most} />
                  <Moment ms={Date.parse(from)} zone={zone} />
                </th>
                <td>{countText(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!isTooLong && hours.length === 0 && <p className="empty">No clicks in this period.</p>}
    </Panel>
  );
}
