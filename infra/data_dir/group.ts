import { execFileSync } from 'node:child_process';
import { StartError } from '../supervisor/types.ts';

/** The id of a group of this machine, by name or number. Throws a StartError if there is none. */
export function groupId(group: string): number {
  if (/^\d+$/.test(group)) return Number(group);
  try {
    // By getent: there may be groups that are not in /etc/group.
    const [, , id] = execFileSync('getent', ['group', group], { encoding: 'utf8' }).split(':');
    return Number(id);
  } catch {
    throw new StartError(`DATA_GROUP: there is no group "${group}" on this machine`);
  }
}
