import { useQuery } from '@tanstack/react-query';
import { ProblemError } from '../api/client.ts';
import type { Status } from '../api/early.ts';
import { statusQuestion } from '../api/questions.ts';
import { Moment } from '../parts/moment.tsx';
import { Panel } from '../parts/panel.tsx';
import { Rejected } from '../parts/rejected.tsx';
import { Trace } from '../parts/trace.tsx';
import { freshnessLight } from '../rules/finality.ts';
import { countText, dayText, durationText } from '../rules/format.ts';
import { useView } from '../state/view.ts';

/** The API sends the parts that it knows, even with an answer that lacks some. */
function statusOf(data: Status | undefined, error: Error | null): Status | undefined {
  if (!(error instanceof ProblemError)) return data;
  return (error.problem as { known?: Status | null }).known ?? data;
}

/** How far counting has come, and what waits. */
export function PipelinePage() {
  const [{ zone }] = useView();
  const asked = useQuery(statusQuestion());
  const status = statusOf(asked.data, asked.error);
  const question = { ...asked, data: status };
  return (
    <>
      <h1 className="sr">Pipeline</h1>
      <div className="columns two">
        <Panel title="Freshness" question={question}>
          {status && <Freshness status={status} zone={zone} />}
        </Panel>
        <Panel title="Messages that wait" question={question}>
          {status && <Lag lag={status.lag} />}
        </Panel>
        <Panel title="Last run" question={question}>
          {status && <LastRun run={status.last_run} zone={zone} />}
        </Panel>
      </div>
      <Trace zone={zone} />
      <Rejected zone={zone} />
    </>
  );
}

const LIGHT_WORDS = {
  good: '● in time: counts are promised within 10 s',
  slow: '◐ slower than promised',
  bad: '▲ behind: look at what waits',
  unknown: '○ not known: nothing was counted yet, or a clock is wrong',
};

function Freshness({ status, zone }: { status: Status; zone: string }) {
  const { freshness_seconds: seconds, watermark, boundary } = status;
  return (
    <dl className="facts">
      <dt>Age of the counts</dt>
      <dd>{seconds === null ? '–' : durationText(seconds)}</dd>
      <dt>That is</dt>
      <dd>{LIGHT_WORDS[freshnessLight(seconds)]}</dd>
      <dt>Watermark</dt>
      <dd>
        {watermark === null ? '–' : <Moment ms={Date.parse(watermark)} zone={zone} />}
        <small> what arrived before is counted</small>
      </dd>
      <dt>Boundary</dt>
      <dd>
        {boundary === null ? '–' : <Moment ms={Date.parse(boundary)} zone={zone} />}
        <small> minutes before are closed</small>
      </dd>
    </dl>
  );
}

function Lag({ lag }: { lag: Status['lag'] }) {
  if (lag === undefined) return <p className="empty">This is not told to holders of this token.</p>;
  if (lag === null) return <p className="empty">Kafka does not say.</p>;
  const rows = Object.entries(lag).flatMap(([topic, groups]) =>
    Object.entries(groups).map(([group, count]) => ({ topic, group, count })),
  );
  return (
    <table className="numbers">
      <thead>
        <tr>
          <th scope="col">topic</th>
          <th scope="col" className="text">
            who reads it
          </th>
          <th scope="col">messages</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ topic, group, count }) => (
          <tr key={`${topic} ${group}`}>
            <th scope="row">{topic}</th>
            <td className="text">{group}</td>
            <td>{countText(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LastRun({ run, zone }: { run: Status['last_run']; zone: string }) {
  if (run == null) return <p className="empty">There has been no run yet.</p>;
  return (
    <dl className="facts">
      <dt>Run</dt>
      <dd>
        {run.run} of {dayText(run.date)}, {run.state.replace('_', ' ')}
      </dd>
      <dt>Clicks</dt>
      <dd>{countText(run.clicks)}</dd>
      <dt>Copies dropped</dt>
      <dd>{countText(run.copies_dropped)}</dd>
      <dt>Finished</dt>
      <dd>{run.finished_at === null ? '–' : <Moment ms={Date.parse(run.finished_at)} zone={zone} />}</dd>
      <dt>Why</dt>
      <dd>
        {run.reason} ({run.requested_by})
      </dd>
    </dl>
  );
}
