/** Rows under a header, in columns as wide as needed. */
export function table(head: string[], body: (string | number)[][]): string {
  const cells = [head, ...body.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const print = (row: string[]): string => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('   ');
  return `${cells.map((row) => `  ${print(row)}`.trimEnd()).join('\n')}\n`;
}

/** `+3`, `-3`, `0`. */
export const signed = (number: number): string => (number > 0 ? `+${number}` : String(number));
