import { useEffect, useMemo, useRef, useState } from 'react';
import { changeOf, meanOf } from '../rules/compare.ts';
import { MARK_WORDS } from '../rules/finality.ts';
import {
  countText,
  decimalText,
  shareText,
  signedShareText,
  singularOf,
  tickText,
  timeText,
  UNKNOWN,
  utcText,
  windowText,
} from '../rules/format.ts';
import { type Point, ticksOf } from '../rules/series.ts';
import type { Range, Unit } from '../rules/zone.ts';
import { useColours } from '../state/theme.ts';
import { UNIT_WORDS } from './controls.tsx';
import type { Chart as Drawing } from './draw.ts';
import { MarkSign } from './mark.tsx';
import { Scroll } from './scroll.tsx';

interface Shown {
  /** What is counted: `clicks`. */
  noun: string;
  isShare: boolean;
  points: readonly Point[];
  /** The range of the axis. */
  range: Range;
  nowMs: number;
  unit: Unit;
  zone: string;
  /** With what it is compared; null: with nothing. */
  against: string | null;
  /** What the line is of. */
  beside?: string;
}

/** Bars of a series, which say how final each is; below, the same in words and as a table. */
export function Chart(shown: Shown) {
  const { noun, isShare, points, range, nowMs, unit, zone, against, beside = 'before' } = shown;
  const unitWords = unit.endsWith('m') && unit !== '1m' ? 'window' : UNIT_WORDS[unit];
  const element = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const colours = useColours();
  const text = isShare ? shareText : countText;

  useEffect(() => {
    let made: Drawing | null = null;
    let isGone = false;
    const observer = new ResizeObserver(() => made?.resize());
    // In a chunk of its own: the numbers are there before it.
    void import('./draw.ts').then(({ createChart }) => {
      if (isGone || element.current === null) return;
      made = createChart(element.current, setChosen);
      observer.observe(element.current);
      setDrawing(made);
    });
    return () => {
      isGone = true;
      observer.disconnect();
      made?.dispose();
    };
  }, []);

  useEffect(() => {
    void colours;
    const most = Math.max(3, Math.floor((element.current?.clientWidth ?? 800) / 75));
    drawing?.draw({
      points,
      range,
      ticks: ticksOf(range, unit, zone, most),
      tickText: (ms) => tickText(ms, unit, zone),
      valueText: isShare ? (value) => shareText(value) : (value) => countText(value),
      isShare,
      boundary:
        nowMs < range.toMs && nowMs > range.fromMs
          ? { ms: nowMs, text: `counted up to ${timeText(nowMs, zone)}` }
          : null,
      chosen,
    });
  }, [drawing, points, range, nowMs, unit, zone, isShare, chosen, colours]);

  const read = chosen === null ? null : (points[chosen] ?? null);
  const inWords = (point: Point): string => {
    const difference = point.mark === 'open' ? null : changeOf(point.value, point.before);
    const before =
      against === null || point.before === null
        ? ''
        : ` · ${text(point.before)} ${beside}${difference?.ratio == null ? '' : ` (${signedShareText(difference.ratio)})`}`;
    return `${windowText(point.fromMs, point.endMs, unit, zone)} · ${text(point.value)} ${point.value === 1 && !isShare ? singularOf(noun) : noun} · ${MARK_WORDS[point.mark].split(':')[0]}${before}`;
  };
  const mean = useMemo(
    () => meanOf(points.map(({ value, mark }) => ({ count: value, isComplete: mark !== 'open' }))),
    [points],
  );
  const summary = isShare
    ? `${points.length} windows.`
    : `${decimalText(mean)} ${noun} per ${unitWords} on average, without what is still open.`;
  return (
    <div className="chart">
      <p className="readout" title={read === null ? undefined : utcText(read.fromMs)}>
        {read === null ? summary : inWords(read)}
      </p>
      <div
        ref={element}
        className="plot"
        role="slider"
        tabIndex={0}
        aria-label={`${noun} by window: arrow keys read one after the other`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, points.length - 1)}
        aria-valuenow={chosen ?? 0}
        aria-valuetext={read === null ? summary : inWords(read)}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
          if (step === undefined || points.length === 0) return;
          event.preventDefault();
          const from = chosen ?? (step > 0 ? -1 : points.length);
          setChosen(Math.min(points.length - 1, Math.max(0, from + step)));
        }}
        onBlur={() => setChosen(null)}
      />
      <PointTable {...shown} />
    </div>
  );
}

function PointTable({ noun, isShare, points, unit, zone, against, beside = 'before' }: Shown) {
  const [isOpen, setOpen] = useState(false);
  const text = isShare ? shareText : countText;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && (
        <Scroll label={`${noun} as a table`}>
          <table className="numbers">
            <thead>
              <tr>
                <th scope="col">Window</th>
                <th scope="col">{noun}</th>
                {against !== null && <th scope="col">{beside}</th>}
                {against !== null && <th scope="col">change</th>}
                <th scope="col">how final</th>
              </tr>
            </thead>
            <tbody>
              {points.map((point) => {
                const change = point.mark === 'open' ? null : changeOf(point.value, point.before);
                return (
                  <tr key={point.fromMs}>
                    <th scope="row" title={utcText(point.fromMs)}>
                      {windowText(point.fromMs, point.endMs, unit, zone)}
                    </th>
                    <td>{text(point.value)}</td>
                    {against !== null && <td>{text(point.before)}</td>}
                    {against !== null && <td>{change?.ratio == null ? UNKNOWN : signedShareText(change.ratio)}</td>}
                    <td>
                      <MarkSign mark={point.mark} />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </Scroll>
      )}
    </details>
  );
}
