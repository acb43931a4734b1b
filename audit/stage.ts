/**
 * From durable offsets and rows, since the beginning (of realtime: since the oldest raw rows that are kept). `lag` is
 * what waits before the stage.
 */
export interface Stage {
  name: string;
  in: number;
  out: number;
  rejected: number;
  duplicates: number;
  lag: number;
  lag_unit: 'messages' | 'bytes';
}
