import { Cards } from '../parts/cards.tsx';
import { Controls } from '../parts/controls.tsx';
import { Leaders } from '../parts/leaders.tsx';
import { Live } from '../parts/live.tsx';
import { RangeWords } from '../parts/range_words.tsx';
import { REPORTED, TotalSeries } from '../parts/total_series.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { useScope } from '../state/view.ts';

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
          <Cards ad="" scope={scope} />
          <TotalSeries scope={scope} />
          <div className="columns">
            <Leaders by="ad" title="Ads of the period" scope={scope} />
            <Leaders by="country" title="Countries" scope={scope} />
            <Leaders by="hour" title="Hours" scope={scope} />
            <Live scope={scope} />
          </div>
        </>
      )}
    </>
  );
}
