import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { seriesQuestion } from '../api/questions.ts';
import type { Scope } from '../rules/scope.ts';
import { type Counted, pointsOf } from '../rules/series.ts';
import { PLURAL } from '../rules/view.ts';
import { useView } from '../state/view.ts';
import { AsText } from './as_text.tsx';
import { TOLD } from './cards.tsx';
import { Chart } from './chart.tsx';
import { COMPARISON_WORDS, UNIT_WORDS } from './controls.tsx';
import { Legend } from './mark.tsx';
import { Panel } from './panel.tsx';
import { ReceiptButton, totalOf } from './receipt.tsx';

/**
 * An ad's chosen number over the period: how final each window is, the answer says.
 * @param other the ad whose windows are the line; '': its own, before
 */
export function AdSeries({ ad, scope, other }: { ad: string; scope: Scope; other: string }) {
  const [{ compare, metric }] = useView();
  const { title, events, isShare } = TOLD[metric];
  const { asked, whole, narrowed, unit, zone, nowMs } = scope;
  const compared = other === '' ? scope.compared : asked;
  const windows = { unit, zone, narrowed, metric };
  const question = useQuery(seriesQuestion(ad, asked, windows));
  const before = useQuery({
    ...seriesQuestion(other || ad, compared ?? asked, windows),
    enabled: compared !== null && compared.toMs > compared.fromMs,
  });
  const { data } = question;
  const points = useMemo(() => {
    type Answered = NonNullable<typeof data>['points'][number];
    const numberOf = (point: Answered) => (metric === 'clicks' ? point.count : point[metric]) ?? null;
    const counted = (data?.points ?? []).map((point): Counted => {
      return { from: point.from, value: numberOf(point), status: point.status };
    });
    const earlier = compared === null ? [] : (before.data?.points ?? []).map(numberOf);
    return pointsOf({ range: asked, unit, zone }, counted, () => ({ value: null, status: 'provisional' }), earlier);
  }, [data, before.data, asked, compared, unit, zone, metric]);
  const receipt = data?.receipt ?? data?.receipts?.[events[0]];
  return (
    <Panel
      title={`${title} by ${UNIT_WORDS[unit]}`}
      question={question}
      className="wide"
      aside={
        <>
          <Legend compare={compared === null ? null : other || 'before'} />
          {receipt && (
            <ReceiptButton
              of="the series"
              counts={[{ noun: PLURAL[events[0]], count: totalOf(receipt), receipt: receipt }]}
              zone={zone}
            />
          )}
        </>
      }
    >
      <Chart
        noun={isShare ? title : title.toLowerCase()}
        isShare={isShare}
        points={data === undefined ? [] : points}
        range={whole}
        nowMs={nowMs}
        unit={unit}
        zone={zone}
        against={other === '' ? COMPARISON_WORDS[compare] : `vs ${other}`}
        beside={other || 'before'}
      />
      <AsText ad={ad} scope={scope} metric={metric} />
    </Panel>
  );
}
