import pino from 'pino';
import { withoutSecrets } from './secrets.ts';

export type Log = pino.Logger;

/** Without the request that Elasticsearch's client attaches to its errors, which may be a megabyte. */
function err(error: Error): object {
  const { meta: _, ...rest } = pino.stdSerializers.err(error);
  return rest;
}

const output = pino.destination(2);

/** JSON lines on standard error: standard output is for results. */
export const createLog = (name: string): Log =>
  pino(
    { name, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err } },
    { write: (line: string) => output.write(withoutSecrets(line)) },
  );
