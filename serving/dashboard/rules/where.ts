import type { components } from '../contract/description.d.ts';

type Where = components['schemas']['Filter']['where'];

export const FIELDS = ['country', 'ip', 'user_id'] as const;
type Field = (typeof FIELDS)[number];

export const FIELD_WORDS: Record<Field, string> = { country: 'country', ip: 'address or network', user_id: 'user' };

/** Values as they are typed: by comma or line. */
export const listOf = (text: string): string[] =>
  text
    .split(/[,\n]/)
    .map((value) => value.trim())
    .filter((value) => value !== '');

/** @param texts lists by field, those to leave out with `not_` before it */
export function whereOf(texts: Readonly<Record<string, string>>): Where {
  const lists = (before: string) =>
    FIELDS.flatMap((field) => {
      const values = listOf(texts[`${before}${field}`] ?? '');
      return values.length === 0 ? [] : [[field, values] as const];
    });
  const not = lists('not_');
  return { ...Object.fromEntries(lists('')), ...(not.length > 0 && { not: Object.fromEntries(not) }) };
}

/** `country USA or DEU, but not user a`. */
export function whereInWords({ not = {}, ...included }: Where): string {
  const words = (values: Where | NonNullable<Where['not']>): string[] =>
    FIELDS.flatMap((field) => {
      const list = values[field];
      return list === undefined ? [] : [`${FIELD_WORDS[field]} ${list.join(' or ')}`];
    });
  const [wanted, excluded] = [words(included), words(not)];
  const all = wanted.length === 0 ? 'all clicks' : wanted.join(' and ');
  return excluded.length === 0 ? all : `${all}, but not ${excluded.join(', nor ')}`;
}

/** The least number that no filter has. */
export function freeId(taken: readonly number[]): number {
  const ids = new Set(taken);
  let id = 1;
  while (ids.has(id)) id++;
  return id;
}
