/** Fields as spreadsheets take them for the beginning of a formula, and the mark that keeps them from it. */
const FORMULA = /^['=+\-@\t\r＝＋－＠]/;

/**
 * RFC 4180, with a header row. A text that a spreadsheet would carry out has an apostrophe before it, and so has one
 * that begins with an apostrophe: whoever takes the first one away has every text as it was.
 */
export function toCsv<Row extends Record<string, string | number>>(
  columns: (keyof Row & string)[],
  rows: Row[],
): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  return lines.map((fields) => `${fields.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
