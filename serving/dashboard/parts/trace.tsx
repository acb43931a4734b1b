import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { traceQuestion } from '../api/actions.ts';
import type { components } from '../contract/description.d.ts';
import { countText } from '../rules/format.ts';
import { viewWith } from '../state/view.ts';
import { Moment } from './moment.tsx';
import { Panel } from './panel.tsx';
import { Problem } from './problem.tsx';
import { Scroll } from './scroll.tsx';

type Traced = components['schemas']['Trace'];

const WHY: Record<string, string> = {
  copy_in_window: 'a copy that came soon after the first',
  copy_in_run: 'a copy: the run counts the first',
  late: 'arrived after the cut of the run; the next one counts it',
};

/** What became of one event: its line, its message, its file, its runs. */
export function Trace({ zone }: { zone: string }) {
  const [asked, ask] = useState({ id: '', date: '' });
  const question = useQuery(traceQuestion(asked.id, asked.date));
  return (
    <Panel title="Trace an event">
      <form
        className="request"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          ask({ id: String(form.get('id') ?? '').trim(), date: String(form.get('date') ?? '') });
        }}
      >
        <label>
          Event id <input name="id" required maxLength={127} autoComplete="off" spellCheck={false} />
        </label>
        <label className="who">
          Day, UTC (sooner) <input name="date" type="date" />
        </label>
        <button type="submit" className="button primary">
          Trace
        </button>
      </form>
      {question.error !== null && <Problem error={question.error} />}
      {question.isLoading && <p className="waiting">Asking…</p>}
      {question.data && <Facts traced={question.data} zone={zone} />}
    </Panel>
  );
}

function Facts({ traced, zone }: { traced: Traced; zone: string }) {
  const { line, archive, copies, others } = traced;
  return (
    <>
      <p className="note">
        {others + 1 === 1 ? 'One is stored.' : `${countText(others + 1)} are stored.`}
        {line !== null && ` Its line: byte ${countText(line.byte)} of ${line.file ?? 'a file of'} on ${line.host}.`}
      </p>
      {archive !== null && (
        <p className="note">
          In the archive: <code>{archive.file}</code> <small>sha256 {archive.sha256}</small>
        </p>
      )}
      <Scroll label="Copies of the event">
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">arrived</th>
              <th scope="col" className="text">
                ad
              </th>
              <th scope="col">time</th>
              <th scope="col" className="text">
                message
              </th>
              <th scope="col" className="text">
                counted
              </th>
              <th scope="col" className="text">
                runs
              </th>
            </tr>
          </thead>
          <tbody>
            {copies.map((copy) => (
              <tr key={`${copy.arrived_at} ${copy.message?.partition} ${copy.message?.offset}`}>
                <th scope="row">
                  <Moment ms={Date.parse(copy.arrived_at)} zone={zone} as="second" />
                </th>
                <td className="text">
                  {copy.ad_id !== null && (
                    <Link to="/ad" search={viewWith({ ad: copy.ad_id })}>
                      {copy.ad_id}
                    </Link>
                  )}
                </td>
                <td>{copy.time !== null && <Moment ms={Date.parse(copy.time)} zone={zone} />}</td>
                <td className="text">
                  {copy.message === null
                    ? copy.stored
                    : `${copy.message.topic}-${copy.message.partition}, ${countText(copy.message.offset)}`}
                </td>
                <td className="text">
                  {copy.counted ? '✓ yes' : `✕ no: ${copy.reason === null ? '' : (WHY[copy.reason] ?? copy.reason)}`}
                </td>
                <td className="text">{copy.runs.map(({ date, run }) => `run ${run} of ${date}`).join(', ') || '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
