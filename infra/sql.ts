import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

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
export const queryName = (query: string): string => pathsByText.get(query) ?? query.replace(/\s+/g, ' ').slice(0, 100);

/** Statements of a file: each ends with a semicolon at the end of a line. */
export const statements = (text: string): string[] =>
  text
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(/^\s*--.*$/gm, '').trim() !== '');
