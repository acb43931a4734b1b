import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { parsed } from '../domain/parse.ts';

const ROOT = fileURLToPath(new URL('../sql/', import.meta.url));

export const SQL_DIR = ROOT;

const pathsByText = new Map<string, string>();

/** The text of `sql/<path>`, read once at start. */
export function sql(path: string): string {
  const text = readFileSync(`${ROOT}${path}`, 'utf8');
  pathsByText.set(text, `sql/${path}`);
  return text;
}

/** What to call a query in a message: its file, or its beginning if it is of none. */
const queryName = (query: string): string => pathsByText.get(query) ?? query.replace(/\s+/g, ' ').slice(0, 100);

/** Each row as its schema has it. One by one: making the schema of a list takes ten times as long as parsing a row. */
export function parsedRows<Schema extends z.ZodType>(
  schema: Schema,
  found: unknown[],
  query: string,
): z.output<Schema>[] {
  const name = queryName(query);
  return found.map((row, i) => parsed(schema, row, `row ${i + 1} of ${name}`));
}

/** Statements of a file: each ends with a semicolon at the end of a line. */
export const statements = (text: string): string[] =>
  text
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(/^\s*--.*$/gm, '').trim() !== '');
