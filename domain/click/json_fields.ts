type Fault = 'bad_json' | 'duplicate_field';

/** The fields of a JSON object. */
export interface JsonFields {
  values: Record<string, unknown>;
  /** How a number is written, which its value does not tell. */
  spelled: ReadonlyMap<string, string>;
}

/** Reads a JSON object. JSON.parse alone would hide that a name stands twice, and how a number was written. */
export function jsonFields(text: string): JsonFields | Fault {
  const values = parsedObject(text);
  if (values === null) return 'bad_json';
  const spelled = new Map<string, string>();
  let count = 0;
  let at = skipSpace(text, 1);
  while (text.charCodeAt(at) !== CLOSE) {
    count++;
    const nameEnd = stringEnd(text, at);
    const from = skipSpace(text, text.indexOf(':', nameEnd) + 1);
    const to = valueEnd(text, from);
    if (isNumberStart(text.charCodeAt(from))) {
      spelled.set(JSON.parse(text.slice(at, nameEnd)) as string, text.slice(from, to));
    }
    at = skipSpace(text, to);
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
  return count === Object.keys(values).length ? { values, spelled } : 'duplicate_field';
}

/** @param text that begins with a brace: what is parsed of it is an object */
function parsedObject(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

// All that follows relies on the text being valid JSON.

const [TAB, LINE_FEED, RETURN, SPACE, QUOTE, COMMA, MINUS] = [9, 10, 13, 32, 34, 44, 45];
const [DIGIT_0, DIGIT_9, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN, CLOSE] = [48, 57, 91, 92, 93, 123, 125];

const isSpace = (code: number): boolean => code === SPACE || code === TAB || code === RETURN || code === LINE_FEED;
const isNumberStart = (code: number): boolean => code === MINUS || (code >= DIGIT_0 && code <= DIGIT_9);

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** The position behind the string that begins at `from`. */
function stringEnd(text: string, from: number): number {
  for (let at = from + 1; ; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
  }
}

/** The position behind the value that begins at `from`. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; ; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at);
    else if (code === OPEN || code === OPEN_LIST) {
      depth++;
      at++;
    } else if (depth > 0) {
      if (code === CLOSE || code === CLOSE_LIST) depth--;
      at++;
    } else at = scalarEnd(text, at);
    if (depth === 0) return at;
  }
}

/** Behind a number, true, false or null. */
function scalarEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === CLOSE || isSpace(code)) return at;
    at++;
  }
}
