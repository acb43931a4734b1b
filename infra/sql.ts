import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../sql/', import.meta.url));

export const SQL_DIR = ROOT;

/** The text of `sql/<path>`, read once at start. */
export const sql = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');

/** Statements of a file: each ends with a semicolon at the end of a line. */
export const statements = (text: string): string[] =>
  text
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(/^\s*--.*$/gm, '').trim() !== '');
