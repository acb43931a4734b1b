import pino from 'pino';

export type Log = pino.Logger;

/** Without the request that Elasticsearch's client attaches to its errors, which may be a megabyte. */
function err(error: Error): object {
  const { meta: _, ...rest } = pino.stdSerializers.err(error);
  return rest;
}

/** JSON lines on standard error: standard output is for results. */
export const createLog = (name: string): Log =>
  pino(
    { name, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err } },
    pino.destination(2),
  );
