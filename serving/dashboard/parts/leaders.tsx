import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { performanceQuestion, reportQuestion, rowsQuery } from '../api/questions.ts';
import { countText, shareText } from '../rules/format.ts';
import type { Scope } from '../rules/scope.ts';
import { METRICS } from '../rules/view.ts';
import { useView, viewWith } from '../state/view.ts';
import { TOLD } from './cards.tsx';
import { Share } from './live.tsx';
import { Moment } from './moment.tsx';
import { Panel } from './panel.tsx';
import { Scroll } from './scroll.tsx';

const LISTED = 10;

/** The greatest of a kind by the chosen number; each row narrows the page to it. */
export function Leaders({ by, title, scope }: { by: 'ad' | 'country' | 'hour'; title: string; scope: Scope }) {
  const [{ metric }] = useView();
  const { asked, zone, narrowed } = scope;
  // The numbers first: a list of all ads costs more than they do, on the same processors.
  const numbers = useQuery(performanceQuestion('', asked, narrowed, scope));
  const list = reportQuestion(rowsQuery(by, asked, zone, narrowed, { order: `-${metric}`, limit: LISTED }));
  const question = useQuery({ ...list, enabled: !numbers.isPending });
  const { data } = question;
  const columns = data ? METRICS.filter((name) => data.metrics.includes(name)) : [];
  const most = Math.max(0, ...(data?.rows ?? []).map((row) => row[metric] ?? 0));
  return (
    <Panel
      title={title}
      question={question}
      aside={data && <span className="quiet">{countText(data.rows_in_all)} in all</span>}
    >
      {data && (
        <Scroll label={title}>
          <table className="numbers bars">
            <thead>
              <tr>
                <th scope="col">{by}</th>
                {columns.map((name) => (
                  <th key={name} scope="col" aria-sort={name === metric ? 'descending' : undefined}>
                    {TOLD[name].title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.rows.map((row) => {
                const id = (by === 'ad' ? row.ad_id : row[by]) ?? '';
                return (
                  <tr key={id}>
                    <th scope="row">
                      <Share part={row[metric] ?? 0} whole={most} />
                      {by === 'hour' && <Moment ms={Date.parse(id)} zone={zone} />}
                      {by === 'ad' && (
                        <Link to="/ad" search={viewWith({ ad: id })}>
                          {id}
                        </Link>
                      )}
                      {by === 'country' && (
                        <Link to="." search={viewWith({ country: id })}>
                          {id}
                        </Link>
                      )}
                    </th>
                    {columns.map((name) => (
                      <td key={name}>{TOLD[name].isShare ? shareText(row[name]) : countText(row[name])}</td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
          {data.rows.length === 0 && <p className="empty">Nothing was counted in this period.</p>}
        </Scroll>
      )}
    </Panel>
  );
}
