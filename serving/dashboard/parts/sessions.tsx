import { useQuery } from '@tanstack/react-query';
import { sessionsQuestion } from '../api/questions.ts';
import { countText, decimalText, durationText, UNKNOWN } from '../rules/format.ts';
import type { Scope } from '../rules/scope.ts';
import { Moment } from './moment.tsx';
import { Panel } from './panel.tsx';
import { Scroll } from './scroll.tsx';

/** Clicks of users that are at most half an hour apart. */
export function Sessions({ ad, scope }: { ad: string; scope: Scope }) {
  const { asked, zone, narrowed } = scope;
  const question = useQuery(sessionsQuestion(ad, asked, narrowed));
  const { data } = question;
  return (
    <Panel title="Sessions" question={question} aside={<span className="quiet">30 min without a click end one</span>}>
      {data && (
        <>
          <dl className="facts across">
            <div>
              <dt>Sessions</dt>
              <dd>{countText(data.total)}</dd>
            </div>
            <div>
              <dt>Users</dt>
              <dd>{countText(data.users)}</dd>
            </div>
            <div>
              <dt>Clicks each</dt>
              <dd>{decimalText(data.mean_clicks)}</dd>
            </div>
            <div>
              <dt>Length</dt>
              <dd>{data.mean_seconds === null ? UNKNOWN : durationText(data.mean_seconds)}</dd>
            </div>
          </dl>
          <Scroll label="Sessions">
            <table className="numbers">
              <thead>
                <tr>
                  <th scope="col">user</th>
                  <th scope="col">from</th>
                  <th scope="col">to</th>
                  <th scope="col">clicks</th>
                </tr>
              </thead>
              <tbody>
                {data.sessions.map(({ user_id, from, to, clicks }) => (
                  <tr key={`${user_id} ${from}`}>
                    <th scope="row">{user_id}</th>
                    <td>
                      <Moment ms={Date.parse(from)} zone={zone} />
                    </td>
                    <td>
                      <Moment ms={Date.parse(to)} zone={zone} as="second" />
                    </td>
                    <td>{countText(clicks)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          {data.sessions.length === 0 && <p className="empty">No session in this period.</p>}
        </>
      )}
    </Panel>
  );
}
