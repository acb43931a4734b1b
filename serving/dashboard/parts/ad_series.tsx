import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { seriesQuestion } from '../api/questions.ts';
import { type Counted, pointsOf } from '../rules/series.ts';
import { type Scope, useView } from '../state/view.ts';
import { AsText } from './as_text.tsx';
import { Chart } from './chart.tsx';
import { COMPARISON_WORDS, UNIT_WORDS } from './controls.tsx';
import { Legend } from './mark.tsx';
import { Panel } from './panel.tsx';
import { ReceiptButton } from './receipt.tsx';

/** An ad's clicks over the period: how final each window is, the answer says. */
export function AdSeries({ ad, scope }: { ad: string; scope: Scope }) {
  const [{ compare }] = useView();
  const { asked, compared, whole, narrowed, unit, zone, nowMs } = scope;
  const question = useQuery(seriesQuestion(ad, asked, unit, zone, narrowed));
  const before = useQuery({
    ...seriesQuestion(ad, compared ?? asked, unit, zone, narrowed),
    enabled: compared !== null && compared.toMs > compared.fromMs,
  });
  const { data } = question;
  const points = useMemo(() => {
    const counted = (data?.points ?? []).map(({ from, count, status }): Counted => ({ from, value: count, status }));
    const earlier = compared === null ? [] : (before.data?.points ?? []).map(({ count }) => count);
    return pointsOf({ range: asked, unit, zone }, counted, () => ({ value: null, status: 'provisional' }), earlier);
  }, [data, before.data, asked, compared, unit, zone]);
  return (
    <Panel
      title={`Clicks by ${UNIT_WORDS[unit]}`}
      question={question}
      className="wide"
      aside={
        <>
          <Legend compare={compared === null ? null : 'before'} />
          {data && (
            <ReceiptButton
              of="the series"
              noun="clicks"
              count={data.receipt.batch.count + data.receipt.realtime.count}
              receipt={data.receipt}
              zone={zone}
            />
          )}
        </>
      }
    >
      <Chart
        noun="clicks"
        isShare={false}
        points={data === undefined ? [] : points}
        range={whole}
        nowMs={nowMs}
        unit={unit}
        zone={zone}
        against={COMPARISON_WORDS[compare]}
      />
      <AsText ad={ad} scope={scope} />
    </Panel>
  );
}
