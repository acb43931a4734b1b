import { z } from 'zod';
import { REJECT_REASONS } from '../../../domain/click/click.ts';
import { integerOr } from './parameters.ts';
import { textParam, titled } from './values.ts';

const reason = textParam(
  `one of ${REJECT_REASONS.join(', ')}`,
  (text) => REJECT_REASONS.find((known) => known === text) ?? null,
  { type: 'string', enum: [...REJECT_REASONS] },
);

export const rejectedParameters = z.object({
  reason: titled('Only what was rejected for it', reason.optional()),
  limit: titled('The latest, whole', integerOr(20, 1, 1_000)),
});
