import { AdCountries, AdHours } from '../parts/ad_parts.tsx';
import { AdSeries } from '../parts/ad_series.tsx';
import { Cards } from '../parts/cards.tsx';
import { Controls } from '../parts/controls.tsx';
import { Live } from '../parts/live.tsx';
import { OtherAd } from '../parts/other_ad.tsx';
import { RangeWords } from '../parts/range_words.tsx';
import { Sessions } from '../parts/sessions.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { Why } from '../parts/why.tsx';
import { useScope, useView } from '../state/view.ts';

/** One ad. */
export function AdPage() {
  const [{ ad, other: beside }] = useView();
  const other = beside === ad ? '' : beside;
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
          <OtherAd />
          <Cards ad={ad} scope={scope} other={other} />
          <AdSeries ad={ad} scope={scope} other={other} />
          <div className="columns two">
            <AdCountries ad={ad} scope={scope} />
            <AdHours ad={ad} scope={scope} />
          </div>
          <div className="columns two">
            <Why ad={ad} scope={scope} />
            <Sessions ad={ad} scope={scope} />
          </div>
        </>
      )}
    </>
  );
}
