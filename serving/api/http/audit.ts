import { randomUUID } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RequestHandler } from 'express';
import { iso } from '../../../domain/time.ts';
import type { Log } from '../../../infra/log.ts';
import type { Caller } from '../contract/access.ts';
import { Problem } from '../contract/problem.ts';

/**
 * One line for the start of a call and one for its end, with the same id: a start without an end means that the process
 * was killed or the client went away.
 */
interface AuditLine {
  call: string;
  request_id: string;
  at: string;
  who: string;
  role: Caller['role'];
  address: string;
  what: string;
  /** The request body, as far as it could be read. */
  body?: unknown;
  /** HTTP status of the answer. */
  outcome: 'begun' | 'cut short' | number;
}

interface Audit {
  /** JSON lines; append-only. */
  file: string;
  log: Log;
  now: () => number;
}

/** Records calls, including refused ones. A call that cannot be recorded is not executed. */
export const audited =
  (audit: Audit): RequestHandler =>
  async (request, response, next) => {
    const { name, role }: Caller = response.locals.caller;
    const call = {
      call: randomUUID(),
      request_id: response.locals.requestId as string,
      who: name,
      role,
      address: request.ip ?? '',
      what: `${request.method} ${request.originalUrl}`,
    };
    try {
      await record(audit, { ...call, at: iso(audit.now()), outcome: 'begun' });
    } catch (cause) {
      const detail = 'the call could not be written to the audit log and was not carried out';
      throw new Problem(503, 'not-on-record', 'The audit log cannot be written', detail, {}, cause);
    }
    response.once('close', () => {
      const outcome = response.writableFinished ? response.statusCode : 'cut short';
      record(audit, { ...call, at: iso(audit.now()), body: request.body, outcome }).catch((error: unknown) =>
        audit.log.error(
          { err: error, request_id: call.request_id },
          `${audit.file}: the end of a call could not be written`,
        ),
      );
    });
    next();
  };

async function record({ file, log }: Audit, line: AuditLine): Promise<void> {
  log.info({ audit: line, request_id: line.request_id }, `${line.who}: ${line.what}: ${line.outcome}`);
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, 'a', 0o600);
  try {
    await handle.write(`${JSON.stringify(line)}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
