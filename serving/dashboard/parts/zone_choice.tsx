import { useView } from '../state/view.ts';
import { rememberZone } from '../state/zone.ts';

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** The zone that every time and every day of the page is in. */
export function ZoneChoice() {
  const [{ zone }, change] = useView();
  const zones = ZONES.includes(zone) ? ZONES : [zone, ...ZONES];
  return (
    <select
      aria-label="Time zone"
      className="zone"
      value={zone}
      onChange={({ target: { value } }) => {
        rememberZone(value);
        change({ zone: value });
      }}
    >
      {zones.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>
  );
}
