import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Filter, putFilter, tryFilter } from '../api/actions.ts';
import { ratioOf } from '../rules/compare.ts';
import { amountText, countText, shareText } from '../rules/format.ts';
import { FIELD_WORDS, FIELDS, freeId, whereInWords, whereOf } from '../rules/where.ts';
import { Panel } from './panel.tsx';
import { Problem } from './problem.tsx';

const MINUTES = [1, 5, 15, 60];

/** A filter as it is being written: tried on the clicks of the last minutes before it is registered. */
export function FilterForm({
  edited,
  taken,
  onDone,
}: {
  edited: Filter | null;
  taken: readonly number[];
  onDone: () => void;
}) {
  const queries = useQueryClient();
  const [name, setName] = useState(edited?.name ?? '');
  const [texts, setTexts] = useState<Record<string, string>>(() => textsOf(edited?.where ?? {}));
  const [minutes, setMinutes] = useState(5);
  const where = whereOf(texts);
  const tried = useMutation({ mutationFn: () => tryFilter(where, minutes) });
  const put = useMutation({
    mutationFn: () => putFilter(edited?.id ?? freeId(taken), name, where),
    onSuccess: () => {
      onDone();
      return queries.invalidateQueries({ queryKey: ['filters'] });
    },
  });
  return (
    <Panel
      title={edited === null ? 'A new filter' : `Change ${edited.name}`}
      aside={
        edited !== null && (
          <button type="button" className="button quiet small" onClick={onDone}>
            make a new one instead
          </button>
        )
      }
    >
      <form
        className="filter-form"
        onSubmit={(event) => {
          event.preventDefault();
          put.mutate();
        }}
      >
        <label>
          Name{' '}
          <input
            name="name"
            required
            maxLength={100}
            value={name}
            autoComplete="off"
            onChange={({ target }) => setName(target.value)}
          />
        </label>
        {['', 'not_'].flatMap((before) =>
          FIELDS.map((field) => (
            <label key={`${before}${field}`}>
              {before === '' ? `Only ${FIELD_WORDS[field]}` : `But not ${FIELD_WORDS[field]}`}{' '}
              <input
                name={`${before}${field}`}
                value={texts[`${before}${field}`] ?? ''}
                placeholder={before === '' ? 'any' : 'none'}
                autoComplete="off"
                spellCheck={false}
                onChange={({ target }) => setTexts({ ...texts, [`${before}${field}`]: target.value })}
              />
            </label>
          )),
        )}
        <p className="note">{whereInWords(where)}</p>
        <div className="request">
          <button type="button" className="button" disabled={tried.isPending} onClick={() => tried.mutate()}>
            Try it
          </button>
          <label className="pair">
            on the last{' '}
            <select value={minutes} onChange={({ target }) => setMinutes(Number(target.value))}>
              {MINUTES.map((n) => (
                <option key={n} value={n}>
                  {n} min
                </option>
              ))}
            </select>
          </label>
          <button type="submit" className="button primary" disabled={put.isPending}>
            {edited === null ? 'Register' : 'Change'}
          </button>
        </div>
      </form>
      {put.error !== null && <Problem error={put.error} />}
      {tried.error !== null && <Problem error={tried.error} />}
      {tried.data && (
        <div role="status">
          <p>
            <b>
              {countText(tried.data.clicks)} of {amountText(tried.data.of, 'clicks')}
            </b>{' '}
            of {tried.data.minutes} min, which is {shareText(ratioOf(tried.data.clicks, tried.data.of))}. As they came:
            copies may be among them.
          </p>
          <table className="numbers">
            <tbody>
              {tried.data.ads.map(({ ad_id, count }) => (
                <tr key={ad_id}>
                  <th scope="row">{ad_id}</th>
                  <td>{countText(count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function textsOf({ not = {}, ...included }: Filter['where']): Record<string, string> {
  const lists = (values: typeof not, before: string) =>
    FIELDS.map((field): [string, string] => [`${before}${field}`, (values[field] ?? []).join(', ')]);
  return Object.fromEntries([...lists(included, ''), ...lists(not, 'not_')]);
}
