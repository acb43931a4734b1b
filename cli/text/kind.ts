import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';

/** The kind behind what is said of it, ` (impressions)`; nothing for clicks. */
export const kindNote = (event: EventKind): string => (event === 'click' ? '' : ` (${PLURAL[event]})`);
