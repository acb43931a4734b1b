import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Writes a template into a folder, for its owner only, with each `@NAME@` replaced by its value. An unknown name is an
 * error.
 */
export function writeTemplate(template: URL, folder: string, values: Record<string, string | number>): string {
  const text = fillTemplate(readFileSync(template, 'utf8'), values, escapeFor(template.pathname));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, basename(template.pathname));
  // A file that is there would keep its mode.
  rmSync(path, { force: true });
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

export function fillTemplate(
  text: string,
  values: Record<string, string | number>,
  escapeValue: (value: string) => string,
): string {
  return text.replace(/@([A-Z0-9_]+)@/g, (_match, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for @${name}@`);
    return escapeValue(String(value));
  });
}

export function escapeFor(path: string): (value: string) => string {
  if (path.endsWith('.xml')) return (value) => value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  if (path.endsWith('.yml')) return (value) => JSON.stringify(value).slice(1, -1);
  if (path.endsWith('.properties')) return (value) => value.replaceAll('\\', '\\\\');
  return (value) => value;
}
