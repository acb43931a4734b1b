/** Position of a field in its buffer, `[start, end)`. */
export interface Field {
  start: number;
  end: number;
}
