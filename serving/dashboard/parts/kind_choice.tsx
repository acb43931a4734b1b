import { EVENTS, type Event, PLURAL } from '../rules/view.ts';
import { useView } from '../state/view.ts';

/** Which kind of event the page is about; one that is not run cannot be chosen. */
export function KindChoice({ isRun }: { isRun: (event: Event) => boolean }) {
  const [{ event }, change] = useView();
  return (
    <fieldset className="segments">
      <legend className="sr">Kind of event</legend>
      {EVENTS.map((kind) => (
        <button
          key={kind}
          type="button"
          aria-pressed={event === kind}
          disabled={!isRun(kind)}
          onClick={() => change({ event: kind })}
        >
          {PLURAL[kind]}
        </button>
      ))}
    </fieldset>
  );
}
