import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import { iso } from '../../../domain/time.ts';
import type { Log } from '../../../infra/log.ts';
import type { Caller } from '../contract/access.ts';
import { Problem, statusOf } from '../contract/problem.ts';
import { auditFile, type FileLimits } from './audit_file.ts';

/** HTTP status of the answer, or that the caller went away before the call was carried out to its end. */
type Outcome = number | 'cut short';

/**
 * One line for the start of a call and one for its end, with the same id: a start without an end means that the process
 * was killed. Of a call that was refused before it began there is one line.
 */
interface AuditLine {
  call: string;
  request_id: string;
  at: string;
  /** Null: nobody knows. */
  who: string | null;
  role: Caller['role'] | null;
  address: string;
  what: string;
  /** The request body, as far as it could be read. */
  body?: unknown;
  outcome: 'begun' | Outcome;
  /** The caller went away before the answer, and the call was carried out nevertheless. */
  hung_up?: true;
}

interface Audit {
  /** The folder of two files of JSON lines: `api.jsonl` has the calls that were made, `refused.jsonl` those that were not. */
  folder: string;
  log: Log;
  now: () => number;
  /** Lines about refused calls, of one caller or address and of all together, in such a time. */
  refusals?: { perCaller: number; inAll: number; ms: number };
  files?: { made: FileLimits; refused: FileLimits };
}

/**
 * Anybody can make calls that are refused, and must be able neither to fill the disk nor to push out lines about calls
 * that were made. So they have a file of their own, and little room.
 */
const FILES = { made: { maxBytes: 10_000_000, kept: 19 }, refused: { maxBytes: 10_000_000, kept: 4 } };
const REFUSALS = { perCaller: 20, inAll: 100, ms: 60_000 };
/** A URL may have 16 KiB. */
const MAX_WHAT = 2_000;

interface Recorder {
  /** Records a call that may be made. One that cannot be recorded is not carried out. */
  begun: RequestHandler;
  /** Records calls that were refused before `begun`, as far as there is room for their lines. */
  refused: (isForAdmins: (request: Request) => boolean) => ErrorRequestHandler;
}

export function createAudit({ folder, log, now, refusals = REFUSALS, files = FILES }: Audit): Recorder {
  const append = {
    made: auditFile(join(folder, 'api.jsonl'), files.made),
    refused: auditFile(join(folder, 'refused.jsonl'), files.refused),
  };
  const record = async (line: AuditLine, to: keyof typeof append): Promise<void> => {
    log.info({ audit: line, request_id: line.request_id }, `${line.who ?? 'somebody'}: ${line.what}: ${line.outcome}`);
    await append[to](line);
  };
  const recordEnd = (line: AuditLine, to: keyof typeof append): void =>
    void record(line, to).catch((error: unknown) =>
      log.error({ err: error, request_id: line.request_id }, `${folder}: the end of a call could not be written`),
    );
  const room = roomForRefusals(refusals, (left) => {
    const line = { at: iso(now()), refused: left, outcome: 'not recorded' };
    log.warn({ audit: line }, `${left} refused calls are not in the audit log one by one`);
    append.refused(line).catch((error: unknown) => log.error({ err: error }, `${folder}: cannot be written to`));
  });

  const begun: RequestHandler = async (request, response, next) => {
    response.locals.isOnRecord = true;
    const call = callOf(request, response);
    try {
      await record({ ...call, at: iso(now()), outcome: 'begun' }, 'made');
    } catch (cause) {
      const detail = 'the call could not be written to the audit log and was not carried out';
      throw new Problem(503, 'not-on-record', 'The audit log cannot be written', detail, {}, cause);
    }
    const end = (ended: Ended): void => recordEnd({ ...call, at: iso(now()), body: request.body, ...ended }, 'made');
    // The caller went away while the beginning was written: nothing will tell of it any more.
    if (response.closed) return end({ outcome: 'cut short' });
    whenEnded(response, end);
    next();
  };

  return {
    begun,
    refused: (isForAdmins) => (error, request, response, next) => {
      if (response.locals.isOnRecord === undefined && isForAdmins(request)) {
        const call = callOf(request, response);
        if (room(call.who ?? ipKeyGenerator(call.address))) {
          recordEnd({ ...call, at: iso(now()), outcome: statusOf(error) }, 'refused');
        }
      }
      next(error);
    },
  };
}

function callOf(request: Request, { locals }: Response) {
  // It is known whose an expired token was.
  const caller: Caller | undefined = locals.caller ?? locals.expired;
  return {
    call: randomUUID(),
    request_id: locals.requestId as string,
    who: caller?.name ?? null,
    role: caller?.role ?? null,
    address: request.ip ?? '',
    what: `${request.method} ${request.originalUrl}`.slice(0, MAX_WHAT),
  };
}

type Ended = Pick<AuditLine, 'hung_up'> & { outcome: Outcome };

/**
 * When it is known what came of a call: with its answer or, if the caller has gone away, when its handler has come to an
 * end, which calls `locals.settled`.
 */
function whenEnded(response: Response, tell: (ended: Ended) => void): void {
  let outcome: Outcome | undefined;
  let isClosed = false;
  const tellIfKnown = (): void => {
    if (!isClosed || outcome === undefined) return;
    const isUnheard = !response.writableFinished && outcome !== 'cut short';
    tell(isUnheard ? { outcome, hung_up: true } : { outcome });
  };
  response.locals.settled = (settled: Outcome): void => {
    if (outcome !== undefined) return;
    outcome = settled;
    tellIfKnown();
  };
  response.once('close', () => {
    isClosed = true;
    if (response.writableFinished) outcome = response.statusCode;
    tellIfKnown();
  });
}

/** Whether there is room for a line about a refused call; when the time is over, `tell` is called with what was left out. */
function roomForRefusals(
  { perCaller, inAll, ms }: Required<Audit>['refusals'],
  tell: (left: number) => void,
): (caller: string) => boolean {
  const lines = new Map<string, number>();
  let [all, left] = [0, 0];
  const begin = (): void => {
    setTimeout(() => {
      if (left > 0) tell(left);
      lines.clear();
      [all, left] = [0, 0];
    }, ms).unref();
  };
  return (caller) => {
    if (all === 0 && left === 0) begin();
    const ofCaller = lines.get(caller) ?? 0;
    if (all >= inAll || ofCaller >= perCaller) {
      left += 1;
      return false;
    }
    lines.set(caller, ofCaller + 1);
    all += 1;
    return true;
  };
}
