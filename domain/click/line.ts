import type { Parsed } from './click.ts';
import { parseJsonLine } from './json_line.ts';
import { parseTextLine } from './text_line.ts';

/**
 * Parses one log line, without its line end.
 * @param placeId event id for a line without one: its position (host, file generation, byte offset), so that a line
 *   read twice is one event and two equal lines are two
 */
export const parseLine = (line: string, placeId: string, nowMs: number): Parsed =>
  line.startsWith('{') ? parseJsonLine(line, placeId, nowMs) : parseTextLine(line, placeId, nowMs);
