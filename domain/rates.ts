/** Events of each kind in the same range; null: not known, since the kind was not run. */
export interface Counts {
  impressions: number | null;
  clicks: number | null;
  conversions: number | null;
}

export interface Rates {
  /** Clicks per impression. */
  ctr: number | null;
  /** Conversions per click. */
  cvr: number | null;
}

/** Made last, from sums: the rate of a range is no mean of the rates of its parts. */
export const ratesOf = ({ impressions, clicks, conversions }: Counts): Rates => ({
  ctr: quotient(clicks, impressions),
  cvr: quotient(conversions, clicks),
});

const quotient = (counted: number | null, of: number | null): number | null =>
  counted === null || of === null || of === 0 ? null : counted / of;
