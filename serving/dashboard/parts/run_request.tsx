import { useMutation, useQueryClient } from '@tanstack/react-query';
import { requestRun } from '../api/questions.ts';
import { DAY_MS } from '../rules/zone.ts';
import { Problem } from './problem.tsx';

/** Asks for another run of a day; the API lets admins only. */
export function RunRequest({ date }: { date: string }) {
  const queries = useQueryClient();
  const asked = useMutation({
    mutationFn: (reason: string) => {
      const to = new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10);
      return requestRun({ from: date, to, reason });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['runs'] }),
  });
  return (
    <details key={date}>
      <summary>Count this day again</summary>
      <form
        className="request"
        onSubmit={(event) => {
          event.preventDefault();
          asked.mutate(String(new FormData(event.currentTarget).get('reason') ?? ''));
        }}
      >
        <label>
          Why (it stays in the ledger) <input name="reason" required maxLength={200} autoComplete="off" />
        </label>
        <button type="submit" className="button primary" disabled={asked.isPending}>
          Ask for a run
        </button>
      </form>
      {asked.error !== null && <Problem error={asked.error} />}
      {asked.data && (
        <p className="note" role="status">
          Asked for. The nightly role counts the day next, and the run appears here.
        </p>
      )}
    </details>
  );
}
