const [WIDTH, HEIGHT] = [200, 24];

/** Without spreading them into arguments, of which there may not be so many. */
export const highest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

/** A small line of values over their place, as the path of an SVG of 200 by 24; what is not known leaves a gap. */
export function lineOf(values: readonly (number | null)[], most: number): string {
  const step = values.length > 1 ? WIDTH / (values.length - 1) : 0;
  let isPenUp = true;
  const parts = values.flatMap((value, n) => {
    if (value === null) {
      isPenUp = true;
      return [];
    }
    const y = most === 0 ? HEIGHT : HEIGHT - (value / most) * (HEIGHT - 2) - 1;
    const part = `${isPenUp ? 'M' : 'L'}${round(n * step)} ${round(y)}`;
    isPenUp = false;
    return [part];
  });
  return parts.join('');
}

const round = (value: number): number => Math.round(value * 10) / 10;
