import { askEarly } from './api/early.ts';
import { scopeOf } from './rules/scope.ts';
import { readView } from './rules/view.ts';
import { ownZone } from './state/zone.ts';

/** A script of its own, a tenth of the page's: its questions are being answered while that one is read. */
const view = readView(Object.fromEntries(new URLSearchParams(location.search)));
askEarly(({ boundary, watermark }) => {
  const counted = boundary ?? watermark;
  if (location.pathname !== '/' || counted === null) return null;
  return scopeOf({ ...view, zone: view.zone || ownZone() }, Date.parse(counted));
});
