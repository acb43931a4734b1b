import { AdSeries } from '../parts/ad_series.tsx';
import { Cards } from '../parts/cards.tsx';
import { Controls } from '../parts/controls.tsx';
import { Live } from '../parts/live.tsx';
import { RangeWords } from '../parts/range_words.tsx';
import { Sessions } from '../parts/sessions.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { Why } from '../parts/why.tsx';
import { useScope, useView } from '../state/view.ts';

/** One ad. */
export function AdPage() {
  const [{ ad }] = useView();
  const scope = useScope();
  return (
    <>
      <h1 className={ad === '' ? 'sr' : 'ad'}>{ad === '' ? 'Ad' : ad}</h1>
      <Controls scope={scope} />
      {scope === null ? (
        <Waiting />
      ) : ad === '' ? (
        <>
          <p className="note">No ad is chosen: search one above, or take one of these.</p>
          <Live scope={scope} />
        </>
      ) : (
        <>
          <RangeWords scope={scope} />
          <Cards ad={ad} scope={scope} />
          <AdSeries ad={ad} scope={scope} />
          <div className="columns two">
            <Why ad={ad} scope={scope} />
            <Sessions ad={ad} scope={scope} />
          </div>
        </>
      )}
    </>
  );
}
