import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { rejectedQuestion, requestRedrive } from '../api/actions.ts';
import { countText } from '../rules/format.ts';
import { BecauseFields, useAsking, useBecause } from './because.tsx';
import { Moment } from './moment.tsx';
import { Panel } from './panel.tsx';
import { Problem } from './problem.tsx';
import { RequestProgress } from './request_progress.tsx';
import { Scroll } from './scroll.tsx';

/** What was no event, by reason, and the latest of it; sent again when the rules are other ones. */
export function Rejected({ zone }: { zone: string }) {
  const [reason, choose] = useState<string | null>(null);
  const all = useQuery(rejectedQuestion(null));
  const ofReason = useQuery({ ...rejectedQuestion(reason), enabled: reason !== null });
  const shown = reason === null ? all.data : ofReason.data;
  return (
    <Panel
      title="Rejected"
      question={all}
      aside={
        <button type="button" className="button quiet small" onClick={() => all.refetch()} disabled={all.isFetching}>
          read again
        </button>
      }
    >
      {all.data?.reasons.length === 0 && <p className="empty">Nothing was rejected.</p>}
      {all.data && all.data.reasons.length > 0 && (
        <>
          <Scroll label="Rejected, by reason">
            <table className="numbers">
              <thead>
                <tr>
                  <th scope="col">reason</th>
                  <th scope="col">lines</th>
                  <th scope="col">sent again</th>
                  <th scope="col">first</th>
                  <th scope="col">last</th>
                </tr>
              </thead>
              <tbody>
                {all.data.reasons.map((one) => (
                  <tr key={one.reason}>
                    <th scope="row">
                      <button
                        type="button"
                        className="button quiet small"
                        aria-pressed={reason === one.reason}
                        onClick={() => choose(reason === one.reason ? null : one.reason)}
                      >
                        {one.reason}
                      </button>
                    </th>
                    <td>{countText(one.count)}</td>
                    <td>{countText(one.redriven)}</td>
                    <td>
                      <Moment ms={Date.parse(one.first_at)} zone={zone} />
                    </td>
                    <td>
                      <Moment ms={Date.parse(one.last_at)} zone={zone} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          {ofReason.error !== null && reason !== null && <Problem error={ofReason.error} />}
          <Scroll label="The latest of them">
            <ul className="samples">
              {shown?.rejected.toReversed().map((one) => (
                <li key={one.rejection}>
                  <small>
                    <Moment ms={Date.parse(one.at)} zone={zone} as="second" /> {one.reason}, {one.place}
                    {one.redriven && ', sent again'}
                  </small>
                  <code>{one.line ?? one.line_base64 ?? one.message_base64 ?? '(empty)'}</code>
                </li>
              ))}
            </ul>
          </Scroll>
          <Redrive reason={reason} zone={zone} />
        </>
      )}
    </Panel>
  );
}

function Redrive({ reason, zone }: { reason: string | null; zone: string }) {
  const { because, set, isComplete } = useBecause();
  const asking = useAsking();
  return (
    <details>
      <summary>Send again what is an event by the rules of now</summary>
      <div className="request">
        <BecauseFields set={set} />
        <button
          type="button"
          className="button primary"
          disabled={!isComplete || asking.isPending}
          onClick={() => asking.ask((key) => requestRedrive(key, reason, because))}
        >
          Send {reason === null ? 'all' : reason} again
        </button>
      </div>
      {asking.error !== null && <Problem error={asking.error} />}
      {asking.data && <RequestProgress key={asking.data.request} request={asking.data.request} zone={zone} />}
    </details>
  );
}
