import pino from 'pino';
import { withoutPasswords, withoutSecrets } from './secrets.ts';

export type Log = pino.Logger;

/** Without the request that Elasticsearch's client attaches to its errors, which may be a megabyte. */
function err(error: Error): object {
  const { meta: _, ...rest } = pino.stdSerializers.err(error);
  return rest;
}

const output = pino.destination(2);

/** Where clients and Express keep the headers of a request. */
const HEADERS = ['', '*.', '*.*.'].flatMap((within) =>
  ['authorization', 'Authorization', '["x-api-key"]', 'cookie'].map((header) =>
    `${within}${header}`.replace('.[', '['),
  ),
);
const redact = { paths: [...HEADERS, 'password', '*.password', '*.*.password'], censor: '[secret]' };

/**
 * JSON lines on standard error: standard output is for results.
 * @param write what becomes of a line, without secrets
 */
export const createLog = (name: string, write: (line: string) => void = (line) => void output.write(line)): Log =>
  pino(
    { name, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err }, redact },
    { write: (line: string) => write(withoutPasswords(withoutSecrets(line))) },
  );
