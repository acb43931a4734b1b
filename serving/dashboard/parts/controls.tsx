import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { earlyAnswers } from '../api/early.ts';
import { filtersQuestion } from '../api/questions.ts';
import { type Comparison, PERIODS, type Period } from '../rules/periods.ts';
import type { Scope } from '../rules/scope.ts';
import { UNITS, type Unit } from '../rules/zone.ts';
import { pinnedFilters } from '../state/stored.ts';
import { useView } from '../state/view.ts';
import { SavedViews } from './saved_views.tsx';

const PERIOD_WORDS: Record<Period, string> = {
  hour: '60 min',
  today: 'Today',
  yesterday: 'Yesterday',
  '7d': '7 days',
  '30d': '30 days',
  month: 'Month',
  year: 'Year',
  custom: 'Days…',
};

export const COMPARISON_WORDS: Record<Comparison, string | null> = {
  before: 'vs the period before',
  week: 'vs the same weekdays before',
  year: 'vs the year before',
  none: null,
};

const COMPARISON_NAMES: Record<Comparison, string> = {
  before: 'period before',
  week: 'same weekday',
  year: 'year before',
  none: 'nothing',
};

export const UNIT_WORDS: Record<Unit, string> = {
  '1m': 'minute',
  '5m': '5 minutes',
  '15m': '15 minutes',
  '1h': 'hour',
  '1d': 'day',
  '1w': 'week',
  '1mo': 'month',
};

/** Calendars are in a chunk of their own, which comes after the numbers. */
const Days = lazy(() => earlyAnswers().then(() => import('./days_choice.tsx')));

/**
 * Which time, compared with what, narrowed by what.
 * @param units the windows that the page can show
 */
export function Controls({ scope, units = UNITS }: { scope: Scope | null; units?: readonly Unit[] }) {
  const [view, change] = useView();
  return (
    <div className="controls">
      <fieldset className="segments">
        <legend className="sr">Period</legend>
        {PERIODS.filter((period) => period !== 'custom').map((period) => (
          <button
            key={period}
            type="button"
            aria-pressed={view.period === period}
            onClick={() => change({ period, from: '', to: '', unit: '' })}
          >
            {PERIOD_WORDS[period]}
          </button>
        ))}
      </fieldset>
      <Suspense fallback={<span className="field days-place" />}>
        <Days />
      </Suspense>
      <label className="pair">
        by{' '}
        <select value={scope?.unit ?? ''} onChange={({ target }) => change({ unit: target.value as Unit })}>
          {(scope?.units ?? [])
            .filter((unit) => units.includes(unit))
            .map((unit) => (
              <option key={unit} value={unit}>
                {UNIT_WORDS[unit]}
              </option>
            ))}
        </select>
      </label>
      <label className="pair">
        against{' '}
        <select value={view.compare} onChange={({ target }) => change({ compare: target.value as Comparison })}>
          {Object.entries(COMPARISON_NAMES).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label className="pair">
        <input
          type="checkbox"
          checked={view.complete}
          onChange={({ target }) => change({ complete: target.checked })}
        />
        complete only
      </label>
      <FilterChoice />
      <Country />
      <SavedViews />
      <CopyLink />
    </div>
  );
}

function FilterChoice() {
  const [{ filter }, change] = useView();
  const { data } = useQuery(filtersQuestion());
  const filters = data?.filters ?? [];
  const pinned = pinnedFilters.use();
  if (filters.length <= 1 && filter === 0) return null;
  return (
    <>
      {filters
        .filter(({ id }) => pinned.includes(id))
        .map(({ id, name }) => (
          <button
            key={id}
            type="button"
            className="button pinned"
            aria-pressed={filter === id}
            onClick={() => change({ filter: filter === id ? 0 : id })}
          >
            {name}
          </button>
        ))}
      <label className="pair">
        filter{' '}
        <select value={filter} onChange={({ target }) => change({ filter: Number(target.value) })}>
          {filters.some(({ id }) => id === filter) || <option value={filter}>{filter}</option>}
          {filters.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

function Country() {
  const [{ country }, change] = useView();
  return (
    <form
      key={country}
      onSubmit={(event) => {
        event.preventDefault();
        const text = String(new FormData(event.currentTarget).get('country') ?? '');
        change({ country: text.toUpperCase().replaceAll(/[^A-Z,]/g, '') });
      }}
    >
      <label className="pair">
        country <input name="country" defaultValue={country} placeholder="all" size={5} autoComplete="off" />
      </label>
    </form>
  );
}

function CopyLink() {
  const [{ zone }, change] = useView();
  const [isCopied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="button quiet"
      onClick={async () => {
        // Whoever opens it may be in another zone.
        change({ zone });
        const link = new URL(location.href);
        link.searchParams.set('zone', zone);
        await navigator.clipboard.writeText(link.href);
        setCopied(true);
        setTimeout(() => setCopied(false), 2_000);
      }}
    >
      <span aria-live="polite">{isCopied ? 'Copied' : 'Copy link'}</span>
    </button>
  );
}
