import type { Scope } from '../rules/scope.ts';
import { Moment } from './moment.tsx';

/** What the numbers are about, in words: up to when is counted, and what is left out. */
export function RangeWords({ scope }: { scope: Scope }) {
  const { asked, whole, zone } = scope;
  if (asked.toMs <= asked.fromMs) return <p className="note">Nothing of this period is over yet.</p>;
  return (
    <p className="note">
      <Moment ms={asked.fromMs} zone={zone} /> to <Moment ms={asked.toMs} zone={zone} />
      {asked.toMs < whole.toMs && ', as far as minutes are closed'} ({zone})
    </p>
  );
}
