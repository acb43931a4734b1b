import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import type { Register } from './register.ts';

/** What each kind of event has for itself: its ledger, the numbers of its runs, locks of its days, and its replays. */
const OWN = ['ledger/', 'runs/', 'locks/', 'replays/'];

/**
 * The register as one kind of event sees it: with a ledger, run numbers and locks of its own, beside what all kinds share.
 * Clicks have the keys from before there were other kinds.
 */
export function registerOf(register: Register, event: EventKind): Register {
  if (event === 'click') return register;
  const prefix = `${PLURAL[event]}/`;
  const isOwn = (key: string): boolean => OWN.some((own) => key.startsWith(own));
  const placeOf = (key: string): string => (isOwn(key) ? `${prefix}${key}` : key);
  return {
    create: (key, value) => register.create(placeOf(key), value),
    read: (schema, key) => register.read(schema, placeOf(key)),
    async list(wanted) {
      const keys = await register.list(placeOf(wanted));
      return isOwn(wanted) ? keys.map((key) => key.slice(prefix.length)) : keys;
    },
  };
}
