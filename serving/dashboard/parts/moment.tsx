import { momentText, secondText, timeText, utcText } from '../rules/format.ts';

const TEXTS = { moment: momentText, time: timeText, second: secondText };

/** A time in the chosen zone; the pointer shows it in UTC. */
export function Moment({ ms, zone, as = 'moment' }: { ms: number; zone: string; as?: keyof typeof TEXTS }) {
  return (
    <time dateTime={new Date(ms).toISOString()} title={utcText(ms)}>
      {TEXTS[as](ms, zone)}
    </time>
  );
}
