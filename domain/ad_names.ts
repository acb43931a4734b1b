/** What an ad is called. Texts that were not given are empty. */
interface AdTexts {
  name: string;
  campaign: string;
  advertiser: string;
}

/** What an ad is called from a time on, until the next one of the same ad. */
export interface AdName extends AdTexts {
  ad_id: string;
  /** Epoch seconds, a whole minute; 0: always. */
  valid_from_s: number;
}

/** As somebody gives it: without a time it is about now, or always if the ad had no names before. */
export interface GivenAdName extends AdTexts {
  ad_id: string;
  valid_from_s: number | null;
}

export const NO_TEXTS: AdTexts = { name: '', campaign: '', advertiser: '' };

const isSame = (a: AdTexts, b: AdTexts): boolean =>
  a.name === b.name && a.campaign === b.campaign && a.advertiser === b.advertiser;

/** What an ad is called at a time. @param names those of the ad, in any order, each with a time of its own */
export function namesAt(names: readonly AdName[], atS: number): AdTexts {
  let found: AdName | null = null;
  for (const one of names) {
    if (one.valid_from_s <= atS && one.valid_from_s >= (found?.valid_from_s ?? 0)) found = one;
  }
  return found ?? NO_TEXTS;
}

/**
 * What changes, and from when. What is already so is no change, so that the same may be given any number of times.
 * @param known the names of each ad so far
 * @param nowS a whole minute
 */
export function changedNames(
  given: readonly GivenAdName[],
  known: ReadonlyMap<string, readonly AdName[]>,
  nowS: number,
): AdName[] {
  return given.flatMap((one) => {
    const names = known.get(one.ad_id) ?? [];
    const { valid_from_s: fromS } = one;
    if (fromS === null) {
      if (isSame(namesAt(names, nowS), one)) return [];
      return [{ ...one, valid_from_s: names.length === 0 ? 0 : nowS }];
    }
    const there = names.find(({ valid_from_s }) => valid_from_s === fromS);
    return there !== undefined && isSame(there, one) ? [] : [{ ...one, valid_from_s: fromS }];
  });
}
