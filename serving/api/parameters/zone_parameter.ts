import { ZONE_NAMES, type Zone, zoneOf } from '../../../domain/zone.ts';
import { badParameters } from '../contract/problem.ts';
import { textParam, titled } from './values.ts';

const EXAMPLES = 'Europe/Berlin, America/New_York, Asia/Kolkata';

/** Checked by `readZone`, whose refusal lists the zones that there are. */
export const zoneParameter = titled(
  'The time zone whose hours, days, weeks and months are meant; UTC if it is left out',
  textParam(`a time zone of the IANA database, such as ${EXAMPLES}`, (text) => text, { maxLength: 64 }).optional(),
);

/** Throws a Problem that lists the zones, those with the same city or region first. */
export function readZone(name: string): Zone {
  const zone = zoneOf(name);
  if (zone !== null) return zone;
  const words = name
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word.length > 2);
  const alike = ZONE_NAMES.filter((one) => words.some((word) => one.toLowerCase().includes(word))).slice(0, 5);
  const expected = `a time zone of the IANA database, such as ${alike.length > 0 ? alike.join(', ') : EXAMPLES}`;
  const problem = badParameters([{ parameter: 'tz', expected, got: name }]);
  problem.members.zones = ZONE_NAMES;
  throw problem;
}
