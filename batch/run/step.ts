export type Step =
  | 'begun'
  | 'arrived'
  | 'counted'
  | 'loaded'
  | 'reconciled'
  | 'sent'
  | 'indexed'
  | 'published'
  | 'followed';
