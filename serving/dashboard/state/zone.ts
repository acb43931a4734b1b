const ZONE = 'clickledger-zone';

/** What a link without a zone is shown in. */
export const ownZone = (): string => localStorage.getItem(ZONE) ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
export const rememberZone = (zone: string): void => localStorage.setItem(ZONE, zone);
