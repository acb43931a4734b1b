import { useQuery } from '@tanstack/react-query';
import { type Performance, performanceQuestion } from '../api/questions.ts';
import { changeOf } from '../rules/compare.ts';
import type { Mark } from '../rules/finality.ts';
import { amountText, countText, shareText, UNKNOWN } from '../rules/format.ts';
import type { Scope } from '../rules/scope.ts';
import { type Event, METRICS, type Metric, PLURAL } from '../rules/view.ts';
import { useView } from '../state/view.ts';
import { Card } from './card.tsx';
import { COMPARISON_WORDS } from './controls.tsx';
import { Moment } from './moment.tsx';
import { Problem } from './problem.tsx';
import { ReceiptButton } from './receipt.tsx';

interface Told {
  title: string;
  /** Kinds of event that the number is made of: the part and the whole of a share. */
  events: readonly [Event, Event?];
  isShare: boolean;
}

export const TOLD: Record<Metric, Told> = {
  clicks: { title: 'Clicks', events: ['click'], isShare: false },
  impressions: { title: 'Impressions', events: ['impression'], isShare: false },
  ctr: { title: 'CTR', events: ['click', 'impression'], isShare: true },
  conversions: { title: 'Conversions', events: ['conversion'], isShare: false },
  cvr: { title: 'CVR', events: ['conversion', 'click'], isShare: true },
};

/** The least final of the counts that a number is made of. */
const ORDER = ['not_run', 'provisional', 'restated', 'final'] as const;

function markOfNumber({ receipts }: Performance, events: Told['events']): Mark | null {
  // A kind of event that is not run has no receipt in a report.
  const statuses = events.flatMap((event) => (event ? [receipts[event]?.status ?? ('not_run' as const)] : []));
  return ORDER.find((mark) => statuses.includes(mark)) ?? null;
}

const amountOrUnknown = (count: number | null | undefined, plural: string): string =>
  count == null ? `${UNKNOWN} ${plural}` : amountText(count, plural);

/**
 * The numbers of the period, of one ad or of all ('' ), up to the boundary.
 * @param other the ad that it is compared with; '': itself, before
 */
export function Cards({ ad, scope, other = '' }: { ad: string; scope: Scope; other?: string }) {
  const [{ metric, compare }, change] = useView();
  const { asked, narrowed, zone } = scope;
  const compared = other === '' ? scope.compared : asked;
  const against = other === '' ? COMPARISON_WORDS[compare] : `vs ${other}`;
  const now = useQuery(performanceQuestion(ad, asked, narrowed, scope));
  const before = useQuery({
    ...performanceQuestion(other || ad, compared ?? asked, narrowed, scope),
    enabled: compared !== null && compared.toMs > compared.fromMs,
  });
  const { data } = now;
  const earlier = compared === null ? undefined : before.data;
  if (now.error !== null && data === undefined) return <Problem error={now.error} />;
  return (
    <>
      <div className={`cards ${now.isPlaceholderData ? 'old' : ''}`}>
        {METRICS.map((name) => {
          const { title, events, isShare } = TOLD[name];
          const [first, whole] = events;
          const counts = events.flatMap((event) => {
            const receipt = event && data?.receipts[event];
            return receipt ? [{ noun: PLURAL[event], count: data[PLURAL[event]] ?? null, receipt }] : [];
          });
          return (
            <Card
              key={name}
              title={title}
              value={isShare ? shareText(data?.[name]) : countText(data?.[name])}
              exactly={
                whole && data
                  ? `${amountOrUnknown(data[PLURAL[first]], PLURAL[first])} of ${amountOrUnknown(data[PLURAL[whole]], PLURAL[whole])}`
                  : undefined
              }
              change={changeOf(data?.[name], earlier?.[name])}
              against={against}
              isShare={isShare}
              mark={data ? markOfNumber(data, events) : null}
              isChosen={metric === name}
              onChoose={() => change({ metric: name })}
              receipt={
                counts.length > 0 && (
                  <ReceiptButton of={isShare ? title : title.toLowerCase()} counts={counts} zone={zone} />
                )
              }
            />
          );
        })}
      </div>
      {data?.complete_to != null && Date.parse(data.complete_to) < asked.toMs && (
        <p className="note">
          All kinds are counted up to <Moment ms={Date.parse(data.complete_to)} zone={zone} as="time" />: rates of later
          minutes are of counts that have not all come.
        </p>
      )}
      {now.error !== null && <Problem error={now.error} />}
    </>
  );
}
