import type { openFindings } from '../../infra/register/findings.ts';

type Open = Awaited<ReturnType<typeof openFindings>>[number];

export function findingsText(open: Open[]): string {
  if (open.length === 0) return 'no finding is open\n';
  return open.map(({ name, found_at, what, mend }) => `${name} (since ${found_at})\n  ${what}\n  ${mend}\n`).join('');
}
