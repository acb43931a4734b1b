import { useQuery } from '@tanstack/react-query';
import { ProblemError } from '../api/client.ts';
import { performanceQuestion } from '../api/questions.ts';
import { Cards } from '../parts/cards.tsx';
import { Controls } from '../parts/controls.tsx';
import { Leaders } from '../parts/leaders.tsx';
import { Live } from '../parts/live.tsx';
import { RangeWords } from '../parts/range_words.tsx';
import { REPORTED, TotalSeries } from '../parts/total_series.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { isUnknownQuestion } from '../rules/words.ts';
import { type Scope, useScope } from '../state/view.ts';

/** Where the API has no reports, one sentence says so instead of each part that would need one. */
function Totals({ scope }: { scope: Scope }) {
  const { error } = useQuery(performanceQuestion('', scope.asked, scope.narrowed));
  if (error instanceof ProblemError && isUnknownQuestion(error.problem)) {
    return (
      <>
        <p className="note">Counts of all ads together are not shown: this API does not answer them yet.</p>
        <Live scope={scope} />
      </>
    );
  }
  return (
    <>
      <Cards ad="" scope={scope} />
      <TotalSeries scope={scope} />
      <div className="columns">
        <Leaders by="ad" title="Ads of the period" scope={scope} />
        <Leaders by="country" title="Countries" scope={scope} />
        <Live scope={scope} />
      </div>
    </>
  );
}

/** All ads together. */
export function OverviewPage() {
  const scope = useScope();
  return (
    <>
      <h1 className="sr">Overview</h1>
      <Controls scope={scope} units={REPORTED} />
      {scope === null ? (
        <Waiting />
      ) : (
        <>
          <RangeWords scope={scope} />
          <Totals scope={scope} />
        </>
      )}
    </>
  );
}
