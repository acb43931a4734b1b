/** Fields that spreadsheets would take for a formula, and the apostrophe that prevents it. */
const FORMULA = /^['=+\-@\t\r＝＋－＠]/;

/**
 * RFC 4180, with a header row. Text that a spreadsheet would evaluate is prefixed with an apostrophe, and so is text
 * that begins with one: removing the first apostrophe always gives the original text.
 */
export function toCsv<Row extends Record<string, string | number | null | undefined>>(
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
