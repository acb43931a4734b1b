import { isDay } from '../domain/time.ts';
import { sql } from './sql.ts';

const checked = Symbol('checked');

/**
 * A fragment of a Hive statement. Hive cannot bind values, so fragments are created only by the functions below, which
 * validate them.
 */
export interface HiveValue {
  readonly [checked]: string;
}

const value = (hiveText: string): HiveValue => ({ [checked]: hiveText });

export function hiveInteger(number: number): HiveValue {
  if (!Number.isSafeInteger(number)) throw new Error(`${number} is no whole number`);
  return value(String(number));
}

export function hiveDay(hiveText: string): HiveValue {
  if (!isDay(hiveText)) throw new Error(`"${hiveText}" is no day`);
  return value(`'${hiveText}'`);
}

/** Any text: encoded as hexadecimal digits, which Hive cannot misinterpret. */
export const text = (any: string): HiveValue =>
  value(`decode(unhex('${Buffer.from(any, 'utf8').toString('hex')}'), 'UTF-8')`);

/** The digits of a hexadecimal number. */
export function hexDigits(digits: string): HiveValue {
  if (!/^[0-9a-f]+$/.test(digits)) throw new Error(`"${digits}" is no number in base 16`);
  return value(`'${digits}'`);
}

/** A folder, by its path or as an `hdfs://` or `s3a://` URI, as a Hive location. */
export function hiveLocation(path: string): HiveValue {
  if (/^(hdfs|s3a):\/\/[\w/.~+=,:@-]+$/.test(path)) return value(`'${path}'`);
  if (!/^\/[\w/.~+=,:@-]*$/.test(path)) {
    throw new Error(`DATA_DIR: Hive cannot be given the folder "${path}"; use letters, digits and . _ - + = , : @ ~`);
  }
  return value(`'file://${path}'`);
}

/** The cut (`clicks-3` → an offset) for a row's own partition of the topic; 0 for rows of another topic. */
export function offsetsOf(cut: Record<string, number>): HiveValue {
  const cases = Object.entries(cut).map(([name, offset]) => {
    if (!/^[\w.~-]+-\d+$/.test(name)) throw new Error(`"${name}" is no partition of a topic`);
    return `WHEN '${name}' THEN ${hiveInteger(offset)[checked]}`;
  });
  return value(cases.length === 0 ? '0' : `CASE topic_partition ${cases.join(' ')} ELSE 0 END`);
}

/** A row's offset in the cut of its own day: offsetsOf for several days at once. */
export function offsetsByDay(cuts: ReadonlyMap<string, Record<string, number>>): HiveValue {
  const cases = [...cuts].map(([day, cut]) => `WHEN ${hiveDay(day)[checked]} THEN ${offsetsOf(cut)[checked]}`);
  return value(`CASE dt ${cases.join(' ')} ELSE 0 END`);
}

/** One `PARTITION (dt = …) LOCATION …` for each day. */
export const dayPartitions = (days: { day: string; path: string }[]): HiveValue =>
  hiveJoined(
    days.map((entry) => hivePiece`PARTITION (dt = ${hiveDay(entry.day)}) LOCATION ${hiveLocation(entry.path)}`),
    '\n',
  );

/** A template literal whose own text is trusted, and which accepts validated fragments only. */
export const hivePiece = (strings: TemplateStringsArray, ...pieces: HiveValue[]): HiveValue =>
  value(String.raw(strings, ...pieces.map((piece) => piece[checked])));

/** Trusted SQL from a file. */
export const hiveFile = (path: string): HiveValue => value(sql(path));

export const hiveJoined = (pieces: HiveValue[], separator: '\n' | ', ' | ' AND ' | ' OR '): HiveValue =>
  value(pieces.map((piece) => piece[checked]).join(separator));

/** A part of a statement, from a file with places for values. */
export const pieceOf = (template: string, values: Record<string, HiveValue>): HiveValue =>
  value(fillHive(template, values));

/** Replaces each `{name}` by its value. Throws for a name without a value and a value without a name. */
export function fillHive(template: string, values: Record<string, HiveValue>): string {
  const unused = new Set(Object.keys(values));
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const found = values[name];
    if (found === undefined) throw new Error(`no value for {${name}}`);
    unused.delete(name);
    return found[checked];
  });
  if (unused.size > 0) throw new Error(`no place for ${[...unused].join(', ')}`);
  return filled.replace(/;\s*$/, '');
}
