import pino from 'pino';

export type Log = pino.Logger;

/** JSON lines on standard error: standard output belongs to results. */
export const createLog = (name: string): Log =>
  pino({ name, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
