import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { isOver, type Progress, progressQuestion } from '../api/actions.ts';
import { amountText, countText, dayText, signedText } from '../rules/format.ts';
import { partDone, stepInWords } from '../rules/steps.ts';
import { DAY_MS } from '../rules/zone.ts';
import { Moment } from './moment.tsx';
import { Problem } from './problem.tsx';
import { Scroll } from './scroll.tsx';

const ACTIONS: Record<Progress['action'], string> = {
  rebuild: 'The recount',
  preview: 'The preview',
  accept: 'The acceptance',
  rollback: 'The roll-back',
  redrive: 'The re-drive',
};
const STATES: Record<Progress['state'], string> = {
  asked: 'is asked for: the nightly role takes it up within seconds',
  working: 'is under way',
  done: 'is done',
  failed: 'has not been made',
};

/** How far something that was asked for is, until it is over; then what came of it. */
export function RequestProgress({ request, zone }: { request: string; zone: string }) {
  const queries = useQueryClient();
  const { data, error } = useQuery(progressQuestion(request));
  const over = data !== undefined && isOver(data);
  useEffect(() => {
    // Whatever is shown may be answered from another run by now.
    if (over) void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'run_request' });
  }, [over, queries]);
  if (error !== null) return <Problem error={error} />;
  if (data === undefined) return <p className="waiting">Asking…</p>;
  return (
    <div className="request-progress" data-state={data.state}>
      <p role="status">
        <b>
          {ACTIONS[data.action]} {STATES[data.state]}.
        </b>{' '}
        {data.reason} ({data.requested_by})
      </p>
      {data.kinds.map((kind) => (
        <KindProgress key={kind.event} of={data} kind={kind} zone={zone} />
      ))}
      {data.previews.map((preview) => (
        <Preview key={`${preview.event} ${preview.date}`} preview={preview} />
      ))}
      {data.redriven && <Redriven result={data.redriven} />}
    </div>
  );
}

function KindProgress({ of, kind, zone }: { of: Progress; kind: Progress['kinds'][number]; zone: string }) {
  const days = of.from === null || of.to === null ? 0 : (Date.parse(of.to) - Date.parse(of.from)) / DAY_MS;
  const done = isOver(kind) ? 1 : partDone(of.action, days, kind.days_over, kind.step);
  return (
    <p>
      <progress max={1} value={done} aria-label={`Progress of ${kind.event}s`} />{' '}
      {kind.day !== null && `${dayText(kind.day)}: `}
      {kind.step !== null && `${stepInWords(kind.step)}, `}
      <span className="quiet">
        <Moment ms={Date.parse(kind.at)} zone={zone} as="second" />
      </span>
      {kind.state === 'failed' && <span className="wrong"> {kind.note}</span>}
    </p>
  );
}

function Preview({ preview }: { preview: Progress['previews'][number] }) {
  const { date, run, previous_run, before, after, ads_changed, verdict, unexplained, ads } = preview;
  const from = previous_run === 0 ? 'real time' : `run ${previous_run}`;
  return (
    <>
      <p>
        {dayText(date)}: <b>{countText(before)}</b> now ({from}), <b>{countText(after)}</b> after a recount:{' '}
        <b>{signedText(after - before)}</b>. {amountText(ads_changed, 'ads')} would change. Run {run} was counted and
        reconciled ({verdict}
        {unexplained > 0 && `, ${countText(unexplained)} unexplained`}), and is not published.
      </p>
      {ads.length > 0 && (
        <Scroll label="Ads that would change">
          <table className="numbers">
            <thead>
              <tr>
                <th scope="col">ad</th>
                <th scope="col">now</th>
                <th scope="col">then</th>
                <th scope="col">change</th>
              </tr>
            </thead>
            <tbody>
              {ads.slice(0, 20).map((ad) => (
                <tr key={ad.ad_id}>
                  <th scope="row">{ad.ad_id}</th>
                  <td>{countText(ad.before)}</td>
                  <td>{countText(ad.after)}</td>
                  <td>{signedText(ad.change)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  );
}

function Redriven({ result }: { result: NonNullable<Progress['redriven']> }) {
  const still = Object.entries(result.still_rejected).map(([reason, count]) => `${countText(count)} still ${reason}`);
  const facts = [
    `${countText(result.sent)} sent`,
    ...(result.settled_before > 0 ? [`${countText(result.settled_before)} re-driven before`] : []),
    ...(result.copies > 0 ? [`${amountText(result.copies, 'copies of these')}`] : []),
    ...(result.not_run > 0 ? [`${countText(result.not_run)} of a kind that is not run`] : []),
    ...still,
  ];
  return <p>{facts.join(', ')}.</p>;
}
