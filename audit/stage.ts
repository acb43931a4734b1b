import type { EventKind } from '../domain/event_kinds.ts';

/**
 * From durable offsets and rows, since the beginning (for realtime: since the oldest kept raw rows). `lag` is the
 * stage's unprocessed input.
 */
export interface Stage {
  event: EventKind;
  name: string;
  in: number;
  out: number;
  rejected: number;
  duplicates: number;
  lag: number;
  lag_unit: 'messages' | 'bytes';
}
