import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { statusQuestion } from '../api/questions.ts';
import { freshnessLight, type Light } from '../rules/finality.ts';
import { durationText } from '../rules/format.ts';
import { viewWith } from '../state/view.ts';

const SIGNS: Record<Light, string> = { good: '●', slow: '◐', bad: '▲', unknown: '○' };

/** How old the counts are: everything that arrived before then is in them. */
export function Freshness() {
  const { data, error } = useQuery(statusQuestion());
  const seconds = error === null ? data?.freshness_seconds : null;
  const light = freshnessLight(seconds);
  return (
    <Link to="/pipeline" search={viewWith()} className={`light ${light}`}>
      <span aria-hidden="true">{SIGNS[light]}</span>
      <span className="sr">Counts are </span>
      {error !== null ? 'no answer' : seconds == null ? 'age unknown' : `${durationText(Math.round(seconds))} old`}
    </Link>
  );
}
