import { z } from 'zod';
import { isToken, MAX_FIELD_BYTES } from '../../../domain/click/click.ts';
import { kind } from './event_parameter.ts';
import { date } from './parameters.ts';
import { textParam, titled } from './values.ts';

export const eventPath = z.object({
  event_id: textParam(`an event id of 1 to ${MAX_FIELD_BYTES} bytes`, (text) => (isToken(text) ? text : null), {
    minLength: 1,
    maxLength: MAX_FIELD_BYTES,
  }),
});

export const traceParameters = z.object({
  event: titled('Only events of this kind; of all that are run if it is left out', kind.optional()),
  date: titled('Only events of this day, which is found sooner', date.optional()),
});
