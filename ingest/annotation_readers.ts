import { setTimeout as sleep } from 'node:timers/promises';
import { WIRE_VERSIONS } from '../domain/click/wire.ts';
import type { EventKind } from '../domain/event_kinds.ts';
import { groupsOf } from '../domain/names.ts';
import { type Admin, versionsRead } from '../infra/clients/kafka.ts';
import type { Log } from '../infra/log.ts';
import { isOnRecord, recordFormat } from '../infra/register/formats.ts';
import type { Register } from '../infra/register/register.ts';
import { repeat } from '../infra/repeat.ts';
import type { Service } from '../infra/role.ts';
import { withTimeout } from '../infra/with_timeout.ts';

/** The format on record that says that annotated messages were written. */
const FORMAT_OF_ANNOTATIONS = 3;

/** How often is looked while some reader does not read annotations yet, and once all of them do. */
const LOOK_MS = 1_000;
const LOOK_AGAIN_MS = 30_000;
const ANSWER_LIMIT_MS = 3_000;
const RETRY_MS = 1_000;

/**
 * Whether events of a kind may be sent with annotations.
 * @param versions of messages that its readers read; null: not known now, since a group is empty or changes
 * @param isOnRecord annotated messages were written before, so that no release starts that does not read them
 */
export const areRead = (kind: EventKind, versions: readonly number[] | null, isOnRecord: boolean): boolean =>
  versions === null ? isOnRecord : versions.every((version) => version >= WIRE_VERSIONS[kind].annotated);

interface Ports {
  register: Register;
  kinds: Iterable<EventKind>;
  /** The versions that everyone reads who reads a kind; null: not known now. */
  versionsRead(kind: EventKind): Promise<number[] | null>;
  log: Log;
}

/** As the members of the groups that count and archive a kind say. */
export const versionsByGroups =
  (admin: Admin) =>
  (kind: EventKind): Promise<number[] | null> =>
    versionsRead(admin, [groupsOf(kind).sink, groupsOf(kind).archive]);

/** Which kinds of events may be sent with annotations: those of which every reader has said that it reads them. */
export class AnnotationReaders {
  readonly #ports: Ports;
  readonly #read = new Set<EventKind>();
  #isOnRecord = false;
  #wasAsked = false;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  #looks: Service | null = null;

  private constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Resolves when it has looked once. */
  static async open(ports: Ports): Promise<AnnotationReaders> {
    const readers = new AnnotationReaders(ports);
    await readers.look();
    return readers;
  }

  /** Looks again from time to time: an upgrade of a reader takes effect without a restart. */
  follow(): void {
    this.#looks = repeat(LOOK_MS, async () => {
      const areAll = [...this.#ports.kinds].every((kind) => this.#read.has(kind));
      if (!areAll || performance.now() - this.#lookedMs >= LOOK_AGAIN_MS) await this.look();
    });
  }

  /** What it says is held to until the events are sent. */
  canAnnotate(kind: EventKind): boolean {
    const can = this.#read.has(kind);
    this.#wasAsked ||= can;
    return can;
  }

  /**
   * To be awaited before events are sent: puts on record that annotated messages are written, if they are. Rejects only
   * after `close`.
   */
  async beforeSend(): Promise<void> {
    while (this.#wasAsked && !this.#isOnRecord) {
      try {
        await recordFormat(this.#ports.register, FORMAT_OF_ANNOTATIONS);
        this.#isOnRecord = true;
      } catch (error) {
        if (this.#isClosed) throw error;
        this.#ports.log.warn({ err: error }, 'the register cannot be written: sending waits');
        await sleep(RETRY_MS);
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#looks?.stop();
  }

  async look(): Promise<void> {
    const { register, kinds, log } = this.#ports;
    try {
      this.#isOnRecord ||= await isOnRecord(register, FORMAT_OF_ANNOTATIONS);
    } catch (error) {
      log.warn({ err: error }, 'waiting for the register to say whether annotations were written');
    }
    for (const kind of kinds) {
      const can = areRead(kind, await this.#versionsRead(kind), this.#isOnRecord);
      if (can === this.#read.has(kind)) continue;
      if (can) this.#read.add(kind);
      else this.#read.delete(kind);
      log.info({ kind }, can ? 'annotations are sent' : 'annotations are left out: a reader does not read them');
    }
    this.#lookedMs = performance.now();
  }

  async #versionsRead(kind: EventKind): Promise<number[] | null> {
    try {
      return await withTimeout(this.#ports.versionsRead(kind), ANSWER_LIMIT_MS, () => null);
    } catch (error) {
      this.#ports.log.warn({ err: error, kind }, 'Kafka does not say what the readers of a topic read');
      return null;
    }
  }
}
