/** The median; for an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [below, above] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (below === undefined || above === undefined) throw new Error('no values to take the median of');
  return (below + above) / 2;
}

export interface Percentiles {
  p50: number;
  p99: number;
  worst: number;
}

/** NaN for an empty list. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), worst: sorted.at(-1) ?? Number.NaN };
}

/** Excess of the fullest partition over the mean, as a share of the mean. */
export function skew(perPartition: readonly number[]): number {
  const mean = sum(perPartition) / perPartition.length;
  return (Math.max(...perPartition) - mean) / mean;
}

export const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** Measurements are accurate to about three digits; more would be misleading. */
export const round = (value: number, digits = 3): number => Number(value.toFixed(digits));
