import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Linux's own number of the process ids that are not a container's. */
const OF_THE_MACHINE = 'pid:[4026531836]';

/**
 * Within it a process id means one process: the host's name, and in a container also the number of the container's own
 * process ids, since containers may share the name of their host.
 */
export function here(): string {
  const processIds = readlinkSync('/proc/self/ns/pid');
  return processIds === OF_THE_MACHINE ? hostname() : `${hostname()}.${processIds.replaceAll(/\D/g, '')}`;
}
