import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Mark } from '../rules/finality.ts';
import type { Point } from '../rules/series.ts';
import type { Range } from '../rules/zone.ts';

echarts.use([BarChart, LineChart, GridComponent, MarkLineComponent, SVGRenderer]);

export interface Drawn {
  points: readonly Point[];
  /** The range of the axis, which may end in the future. */
  range: Range;
  ticks: readonly number[];
  tickText: (ms: number) => string;
  valueText: (value: number) => string;
  isShare: boolean;
  /** Up to when all minutes are closed; null: beyond the axis. */
  boundary: { ms: number; text: string } | null;
  /** The point that is being read. */
  chosen: number | null;
}

const DRAWING = 'clickledger-draw';
const GRID = { left: 56, right: 14, top: 22, bottom: 24 };

/** Colours of the page's style sheet, of the theme that is set. */
function colours(element: Element) {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    bar: colour('accent'),
    restated: colour('restated'),
    back: colour('panel'),
    line: colour('line'),
    text: colour('muted'),
    before: colour('before'),
    chosen: colour('ink'),
  };
}

type Colours = ReturnType<typeof colours>;

/** Bars narrower than this are too narrow for a hatching, which takes most of the time of a drawing. */
const HATCHED_FROM = 4;

function barStyle(mark: Mark, isChosen: boolean, slot: number, { bar, restated, back, chosen }: Colours): object {
  const ring = isChosen ? { borderColor: chosen, borderWidth: 1.5 } : {};
  switch (mark) {
    case 'open':
      return { color: 'transparent', borderColor: isChosen ? chosen : bar, borderWidth: 1.5, borderType: [2, 3] };
    case 'provisional':
      if (slot < HATCHED_FROM) return { color: bar, opacity: 0.55, ...ring };
      return {
        color: bar,
        decal: { symbol: 'rect', color: back, dashArrayX: [1, 0], dashArrayY: [2.5, 2.5], rotation: -Math.PI / 4 },
        ...ring,
      };
    case 'restated':
      return { color: restated, ...ring };
    default:
      return { color: bar, ...ring };
  }
}

/** Bars are laid out by hand: windows of a zone may be of different length, and the axis goes on to the period's end. */
function optionOf(
  { points, range, ticks, tickText, valueText, isShare, boundary, chosen }: Drawn,
  width: number,
  c: Colours,
) {
  const plot = Math.max(1, width - GRID.left - GRID.right);
  const narrowest = Math.min(...points.map(({ fromMs, endMs }) => endMs - fromMs), range.toMs - range.fromMs);
  const slot = (plot * narrowest) / (range.toMs - range.fromMs);
  const barWidth = Math.max(1, Math.min(60, slot > 6 ? slot * 0.78 : slot));
  const middle = ({ fromMs, endMs }: Point): number => (fromMs + endMs) / 2;
  const diamond = { show: true, position: 'top', distance: 2, formatter: '◆', color: c.restated, fontSize: 9 };
  const font = { color: c.text, fontSize: 11, fontFamily: 'inherit' };
  return {
    animation: false,
    grid: GRID,
    xAxis: {
      type: 'value',
      min: range.fromMs,
      max: range.toMs,
      splitLine: { show: false },
      axisLine: { show: true, onZero: false, lineStyle: { color: c.line } },
      axisTick: { show: true, customValues: ticks, lineStyle: { color: c.line } },
      axisLabel: { ...font, customValues: ticks, formatter: tickText, hideOverlap: true },
    },
    yAxis: {
      type: 'value',
      min: 0,
      minInterval: isShare ? 0 : 1,
      splitNumber: 3,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { ...font, formatter: valueText },
      splitLine: { lineStyle: { color: c.line } },
    },
    series: [
      {
        type: 'bar',
        barWidth,
        cursor: 'default',
        emphasis: { disabled: true },
        data: points.map((point, n) => ({
          // A bar without height is not drawn.
          value: [middle(point), point.value || '-'],
          itemStyle: barStyle(point.mark, n === chosen, slot, c),
          ...(point.mark === 'restated' && slot > 5 && { label: diamond }),
        })),
        ...(boundary && {
          markLine: {
            silent: true,
            symbol: 'none',
            animation: false,
            label: {
              ...font,
              formatter: boundary.text,
              position: 'end',
              distance: 4,
              // Near the right edge the words stand to the left of the line.
              align: boundary.ms - range.fromMs > 0.85 * (range.toMs - range.fromMs) ? 'right' : 'center',
            },
            lineStyle: { color: c.text, type: 'dashed', width: 1 },
            data: [{ xAxis: boundary.ms }],
          },
        }),
      },
      {
        type: 'line',
        step: 'middle',
        symbol: 'none',
        silent: true,
        z: 3,
        lineStyle: { color: c.before, width: 1.5 },
        // Among bars without a gap nobody could follow it.
        data: slot < 4 ? [] : points.map((point) => [middle(point), point.before ?? '-']),
      },
    ],
  };
}

export interface Chart {
  draw(drawn: Drawn): void;
  resize(): void;
  dispose(): void;
}

/** @param onPoint the window below the pointer, null when it leaves */
export function createChart(element: HTMLElement, onPoint: (index: number | null) => void): Chart {
  const chart = echarts.init(element, null, { renderer: 'svg' });
  let last: Drawn | null = null;
  const redraw = (): void => {
    if (last === null || last.points.length === 0) chart.clear();
    else chart.setOption(optionOf(last, chart.getWidth(), colours(element)), { notMerge: true });
  };
  /** What it takes, until it is in the page, stands in the browser's timings; only the last one, which are kept for ever. */
  const timed = (draw: () => void): void => {
    const start = performance.now();
    draw();
    chart.getZr().flush();
    performance.clearMeasures(DRAWING);
    performance.measure(DRAWING, { start, detail: last?.points.length ?? 0 });
  };
  chart.getZr().on('mousemove', ({ offsetX }) => {
    if (last === null) return;
    const plot = chart.getWidth() - GRID.left - GRID.right;
    const { fromMs, toMs } = last.range;
    const ms = fromMs + ((offsetX - GRID.left) / plot) * (toMs - fromMs);
    const index = last.points.findIndex((point) => ms >= point.fromMs && ms < point.endMs);
    onPoint(index === -1 ? null : index);
  });
  chart.getZr().on('globalout', () => onPoint(null));
  return {
    draw(drawn) {
      last = drawn;
      timed(redraw);
    },
    resize() {
      chart.resize();
      redraw();
    },
    dispose: () => chart.dispose(),
  };
}
