/** Where a field stands, `[start, end)`. */
export interface Field {
  start: number;
  end: number;
}
