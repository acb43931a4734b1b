import { CsvError, parse as parseCsv } from 'csv-parse';
import { z } from 'zod';
import type { GivenAdName } from '../../../domain/ad_names.ts';
import { isToken, MAX_FIELD_BYTES } from '../../../domain/click/click.ts';
import { hasControlCharacter } from '../../../domain/click/text.ts';
import { MINUTE_MS } from '../../../domain/time.ts';
import { Problem } from '../contract/problem.ts';
import { EXPECTED_INSTANT, parseInstant } from './instant.ts';
import { isWellFormed, textParam } from './values.ts';

/** The names of ads as they are sent: rows of JSON or of CSV, by the same rules. */

const MAX_TEXT = 200;
const MAX_ROWS = 200_000;
/** So many faults are told; the rest is counted. */
const MAX_FAULTS = 20;
/** Other requests are answered in between. */
const ROWS_AT_ONCE = 2_000;

/** ClickHouse's DateTime ends in 2106. */
const LAST_MS = Date.UTC(2106, 0, 1);

const parseAdId = (given: string): string | null =>
  isToken(given) && isWellFormed(given) && given.trim() === given ? given : null;

function parseText(given: string): string | null {
  const trimmed = given.trim();
  const isText = trimmed.length > 0 && trimmed.length <= MAX_TEXT && isWellFormed(trimmed);
  return isText && !hasControlCharacter(trimmed) ? trimmed : null;
}

function parseValidFrom(given: string): number | null {
  const ms = parseInstant(given);
  return ms !== null && ms >= 0 && ms < LAST_MS && ms % MINUTE_MS === 0 ? ms / 1_000 : null;
}

const adId = textParam(`an ad id of 1 to ${MAX_FIELD_BYTES} bytes`, parseAdId);
const text = textParam(`a text of 1 to ${MAX_TEXT} characters, or null`, parseText).nullish();
const validFrom = textParam(
  `a whole minute from 1970 to 2105, such as 2026-03-01 or 2026-03-01T09:30Z (${EXPECTED_INSTANT.replace('%2B', '+')})`,
  parseValidFrom,
).nullish();

const adNameRow = z.strictObject({ ad_id: adId, name: text, campaign: text, advertiser: text, valid_from: validFrom });
export const adNameRows = z.array(adNameRow).max(MAX_ROWS);

const COLUMNS = Object.keys(adNameRow.shape);

/** A body as it was sent. */
export interface SentRows {
  isCsv: boolean;
  text: string;
}

interface Fault {
  /** The line of CSV (the header is line 1), the place of the entry in JSON (the first is 0). null: it concerns all. */
  line: number | null;
  column: string | null;
  expected: string;
  got?: string;
}

/** A row as it was sent, and where it stands. */
interface Row {
  line: number;
  fields: unknown;
}

/** Throws a Problem that tells what is wrong, by line and column, if anything is: then nothing is to be done. */
export async function readAdNames(sent: SentRows): Promise<GivenAdName[]> {
  const unit = sent.isCsv ? 'line' : 'entry';
  const faults = new Faults(unit);
  const given = await readRows(sent, faults, false);
  // To know the line of each record of CSV takes longer than to read it: only who has to tell it asks for it.
  if (faults.count > 0 && sent.isCsv) {
    const placed = new Faults(unit);
    await readRows(sent, placed, true);
    placed.throwIfAny();
  }
  faults.throwIfAny();
  return given;
}

async function readRows({ isCsv, text }: SentRows, faults: Faults, hasLines: boolean): Promise<GivenAdName[]> {
  const given: GivenAdName[] = [];
  const before = new Map<string, { line: number; times: Set<number | null> }>();
  let seen = 0;
  for await (const rows of isCsv ? csvRows(text, faults, hasLines) : jsonRows(text, faults)) {
    await new Promise(setImmediate);
    for (const row of rows) {
      seen += 1;
      if (seen > MAX_ROWS) {
        faults.add({
          line: null,
          column: null,
          expected: `at most ${MAX_ROWS} rows: send the rest in another request`,
        });
        return given;
      }
      const one = givenName(row, faults);
      if (one === null) continue;
      const { ad_id, valid_from_s } = one;
      const { line, times } = before.get(ad_id) ?? { line: row.line, times: new Set() };
      if (times.size > 0 && (valid_from_s === null || times.has(null) || times.has(valid_from_s))) {
        const expected = `each ad once, or each time with another valid_from: it is in ${faults.unit} ${line}`;
        faults.add({ line: row.line, column: 'ad_id', expected, got: ad_id });
      }
      before.set(ad_id, { line, times: times.add(valid_from_s) });
      given.push(one);
    }
  }
  return given;
}

/** The same as by the schema, in a fifth of its time; null: the schema has to tell what is wrong. */
function plainName(fields: unknown): GivenAdName | null {
  if (typeof fields !== 'object' || fields === null || Object.keys(fields).some((name) => !COLUMNS.includes(name))) {
    return null;
  }
  const { ad_id: id, name, campaign, advertiser, valid_from } = fields as Record<string, unknown>;
  const ad_id = typeof id === 'string' ? parseAdId(id) : null;
  const [first, second, third] = [textOrNone(name), textOrNone(campaign), textOrNone(advertiser)];
  const isTimed = valid_from !== undefined && valid_from !== null;
  const valid_from_s = typeof valid_from === 'string' ? parseValidFrom(valid_from) : null;
  if (ad_id === null || first === null || second === null || third === null) return null;
  if (isTimed && valid_from_s === null) return null;
  return { ad_id, name: first, campaign: second, advertiser: third, valid_from_s };
}

/** '': it is not given; null: it is no text. */
function textOrNone(given: unknown): string | null {
  if (given === undefined || given === null) return '';
  return typeof given === 'string' ? parseText(given) : null;
}

function givenName({ line, fields }: Row, faults: Faults): GivenAdName | null {
  const plain = plainName(fields);
  if (plain !== null) return plain;
  const result = adNameRow.safeParse(fields);
  if (result.success) {
    const { ad_id, name, campaign, advertiser, valid_from } = result.data;
    const texts = { name: name ?? '', campaign: campaign ?? '', advertiser: advertiser ?? '' };
    return { ad_id, ...texts, valid_from_s: valid_from ?? null };
  }
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const column of issue.keys) faults.add({ line, column, expected: `only ${COLUMNS.join(', ')}` });
      continue;
    }
    const column = issue.path[0] === undefined ? null : String(issue.path[0]);
    const got = column === null ? fields : (fields as Record<string, unknown>)[column];
    const expected = column === null ? `an object with ${COLUMNS.join(', ')}` : issue.message;
    faults.add({ line, column, expected, ...(got !== undefined && { got: shown(got) }) });
  }
  return null;
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 100);

function* jsonRows(text: string, faults: Faults): Generator<Row[]> {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (error) {
    faults.add({ line: null, column: null, expected: `JSON (${(error as Error).message})` });
    return;
  }
  if (!Array.isArray(rows)) {
    faults.add({ line: null, column: null, expected: `a list of objects with ${COLUMNS.join(', ')}` });
    return;
  }
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    yield rows.slice(from, from + ROWS_AT_ONCE).map((fields, n) => ({ line: from + n, fields }));
  }
}

/**
 * What csv-parse says of a record, if it is asked: the line on which it ends, which is its only one unless a text has line
 * breaks.
 */
interface Parsed {
  record: string[];
  info: { lines: number };
}

async function* csvRows(text: string, faults: Faults, hasLines: boolean): AsyncGenerator<Row[]> {
  // How many fields each line has is checked here, so that all such lines are told.
  const parser = parseCsv(text, { bom: true, info: hasLines, relax_column_count: true, skip_empty_lines: true });
  let header: string[] | null = null;
  let rows: Row[] = [];
  try {
    for await (const parsed of parser as AsyncIterable<Parsed | string[]>) {
      const [record, line] = Array.isArray(parsed) ? [parsed, 0] : [parsed.record, parsed.info.lines];
      if (header === null) {
        header = record.map((name) => name.trim());
        if (!checkHeader(header, line, faults)) return;
      } else if (record.length !== header.length) {
        // What is wrong before comes before.
        yield rows;
        rows = [];
        faults.add({
          line,
          column: null,
          expected: `${header.length} fields, as the header has`,
          got: `${record.length}`,
        });
      } else {
        // A field without anything is one that is not given.
        rows.push({ line, fields: Object.fromEntries(header.map((name, i) => [name, record[i] || undefined])) });
        if (rows.length === ROWS_AT_ONCE) {
          yield rows;
          rows = [];
        }
      }
    }
    yield rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    yield rows;
    const { lines } = error as CsvError & { lines?: number };
    faults.add({ line: lines ?? null, column: null, expected: `CSV (RFC 4180): ${error.message}` });
    return;
  }
  if (header === null) faults.add({ line: 1, column: null, expected: `a header with ${COLUMNS.join(', ')}` });
}

function checkHeader(header: string[], line: number, faults: Faults): boolean {
  const before = faults.count;
  for (const [i, column] of header.entries()) {
    if (!COLUMNS.includes(column)) faults.add({ line, column, expected: `only ${COLUMNS.join(', ')}` });
    else if (header.indexOf(column) !== i) faults.add({ line, column, expected: 'each column once' });
  }
  if (!header.includes('ad_id')) faults.add({ line, column: 'ad_id', expected: 'a header line with this column' });
  return faults.count === before;
}

class Faults {
  readonly unit: 'line' | 'entry';
  readonly #told: Fault[] = [];
  count = 0;

  constructor(unit: 'line' | 'entry') {
    this.unit = unit;
  }

  add(fault: Fault): void {
    this.count += 1;
    if (this.#told.length < MAX_FAULTS) this.#told.push(fault);
  }

  throwIfAny(): void {
    if (this.count === 0) return;
    const told = this.#told.map(({ line, column, expected, got }) => {
      const place = [line === null ? null : `${this.unit} ${line}`, column].filter((part) => part !== null).join(', ');
      return `${place === '' ? 'body' : place}: expected ${expected}${got === undefined ? '' : `, got "${got}"`}`;
    });
    const more = this.count - told.length;
    const detail = `nothing was changed: ${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
    const members = { errors: this.#told, errors_in_all: this.count };
    throw new Problem(400, 'bad-rows', 'Rows are not as expected', detail, members);
  }
}
