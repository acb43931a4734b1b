import { seriesQuery } from '../api/questions.ts';
import type { Scope } from '../rules/scope.ts';
import type { Metric } from '../rules/view.ts';

/** The question behind the chart, for a terminal, and its answer for a spreadsheet. */
export function AsText({ ad, scope, metric }: { ad: string; scope: Scope; metric: Metric }) {
  const { asked, unit, zone, narrowed } = scope;
  const query = new URLSearchParams(
    Object.entries(seriesQuery(asked, unit, zone, narrowed, metric)).map(([name, value]) => [name, String(value)]),
  );
  const url = `${location.origin}/v1/ads/${encodeURIComponent(ad)}/series?${query}`;
  return (
    <details>
      <summary>As a call</summary>
      <pre className="call">
        {`curl '${url.replaceAll("'", '%27')}'\ncurl -H 'Accept: text/csv' '${url.replaceAll("'", '%27')}'`}
      </pre>
    </details>
  );
}
