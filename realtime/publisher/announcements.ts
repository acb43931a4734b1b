import {
  type AnnouncementVersion,
  announcementVersion,
  MESSAGE_VERSION,
  versionFor,
} from '../../domain/message_version.ts';
import { isOnRecord, recordFormat } from '../../infra/register/formats.ts';
import { type Register, takeEpoch } from '../../infra/register/register.ts';

/** The format on record that says that messages of version 2 were written. */
const FORMAT_OF_VERSIONS = 2;

interface Ports {
  register: Register;
  /** The versions of messages that every reader reads; null: that is not known now. */
  versionsRead(): Promise<number[] | null>;
}

/**
 * The versions of announcements: an epoch that the register gives this start of the publisher, and a counter, so that a
 * clock that was wrong, or a publisher that was thought dead, holds up nobody. They are written from the first moment on
 * that every reader reads them; that is put on record, so that from then on no older release starts.
 */
export class Announcements {
  readonly #ports: Ports;
  readonly #epoch: number;
  #count = 0;
  #hasVersions: boolean;

  private constructor(ports: Ports, epoch: number, hasVersions: boolean) {
    this.#ports = ports;
    this.#epoch = epoch;
    this.#hasVersions = hasVersions;
  }

  static async open(ports: Ports): Promise<Announcements> {
    const hasVersions = await isOnRecord(ports.register, FORMAT_OF_VERSIONS);
    return new Announcements(ports, await takeEpoch(ports.register, 'publisher'), hasVersions);
  }

  /** Whether the last announcement, and every later one, is ordered by its version, not by its watermark. */
  get haveVersions(): boolean {
    return this.#hasVersions;
  }

  /** What the next announcement carries. */
  async next(): Promise<AnnouncementVersion> {
    if (!this.#hasVersions) this.#hasVersions = await this.#begin();
    if (!this.#hasVersions) return {};
    this.#count += 1;
    return { v: MESSAGE_VERSION, version: announcementVersion(this.#epoch, this.#count) };
  }

  async #begin(): Promise<boolean> {
    const { register, versionsRead } = this.#ports;
    // Another publisher may have begun.
    if (await isOnRecord(register, FORMAT_OF_VERSIONS)) return true;
    if (versionFor((await versionsRead()) ?? []) < MESSAGE_VERSION) return false;
    await recordFormat(register, FORMAT_OF_VERSIONS);
    return true;
  }
}
