import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { deleteFilter, type Filter } from '../api/actions.ts';
import { filtersQuestion } from '../api/questions.ts';
import { FilterForm } from '../parts/filter_form.tsx';
import { Moment } from '../parts/moment.tsx';
import { Panel } from '../parts/panel.tsx';
import { Problem } from '../parts/problem.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { whereInWords } from '../rules/where.ts';
import { pinnedFilters } from '../state/stored.ts';
import { useView, viewWith } from '../state/view.ts';

/** Registered filters: to make, try, change, pin and delete them. */
export function FiltersPage() {
  const [{ zone }] = useView();
  const question = useQuery(filtersQuestion());
  const [edited, edit] = useState<Filter | null>(null);
  const filters = question.data?.filters ?? [];
  return (
    <>
      <h1 className="sr">Filters</h1>
      <p className="note">
        A registered filter has counts of its own from the moment it is registered, and answers as fast as all clicks
        do. What came before is counted when it is asked for.
      </p>
      <div className="columns two">
        <Panel title="Registered filters" question={question}>
          <List filters={filters.filter(({ id }) => id !== 0)} zone={zone} onEdit={edit} />
        </Panel>
        <FilterForm
          key={edited === null ? 'new' : `${edited.id} ${edited.revision}`}
          edited={edited}
          taken={filters.map(({ id }) => id)}
          onDone={() => edit(null)}
        />
      </div>
    </>
  );
}

function List({ filters, zone, onEdit }: { filters: Filter[]; zone: string; onEdit: (filter: Filter) => void }) {
  const queries = useQueryClient();
  const pinned = pinnedFilters.use();
  const [doubted, doubt] = useState<number | null>(null);
  const deleted = useMutation({
    mutationFn: deleteFilter,
    onSuccess: (_, id) => {
      pinnedFilters.set(pinned.filter((one) => one !== id));
      doubt(null);
      return queries.invalidateQueries({ queryKey: ['filters'] });
    },
  });
  if (filters.length === 0) return <p className="empty">None is registered yet: make one beside this.</p>;
  return (
    <>
      {deleted.error !== null && <Problem error={deleted.error} />}
      <Scroll label="Registered filters">
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">filter</th>
              <th scope="col" className="text">
                clicks with
              </th>
              <th scope="col">since</th>
              <th scope="col">
                <span className="sr">what can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {filters.map((filter) => {
              const { id, name, where, since } = filter;
              const isPinned = pinned.includes(id);
              return (
                <tr key={id}>
                  <th scope="row">
                    <Link to="/" search={viewWith({ filter: id })}>
                      {name}
                    </Link>{' '}
                    <small>{id}</small>
                  </th>
                  <td className="text">{whereInWords(where)}</td>
                  <td>{since === null ? '–' : <Moment ms={Date.parse(since)} zone={zone} />}</td>
                  <td>
                    <button
                      type="button"
                      className="button quiet small"
                      aria-pressed={isPinned}
                      onClick={() => pinnedFilters.set(isPinned ? pinned.filter((one) => one !== id) : [...pinned, id])}
                    >
                      {isPinned ? 'unpin' : 'pin'}
                    </button>
                    <button type="button" className="button quiet small" onClick={() => onEdit(filter)}>
                      change
                    </button>
                    <button
                      type="button"
                      className="button quiet small"
                      disabled={deleted.isPending}
                      onClick={() => (doubted === id ? deleted.mutate(id) : doubt(id))}
                    >
                      {doubted === id ? 'delete it, really' : 'delete'}
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
