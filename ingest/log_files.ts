import type { Log } from '../infra/log.ts';
import { Attachments } from './attachments.ts';
import { type Change, type Checkpoint, type CheckpointStore, newGenerationId, noLines } from './checkpoint.ts';
import { type Found, type Listed, listFiles } from './discover.ts';
import { type FileState, shaReader, sizeByBytes, textBytes } from './files.ts';
import { EMPTY_FINGERPRINT, FINGERPRINT_BYTES, matches } from './fingerprint.ts';
import { countedBefore, recognise, type SeenFile, sameFile, sameOnOtherDevice } from './generation.ts';
import { type ForeignLink, Links } from './links.ts';
import type { LogWarning } from './log_findings.ts';
import { LostFiles } from './lost_files.ts';
import type { FileProblems } from './report.ts';
import { Tail } from './tail.ts';

type Checkpoints = Pick<CheckpointStore, 'all' | 'save' | 'forgotten' | 'wasCopied'>;

interface FollowOptions {
  pattern: string;
  hostId: string;
  /** Topic for the clicks of new files. */
  topic: string;
  /** Time without writes after which the last line of a rotated file counts without a line end. */
  quietMs: number;
  /** Told of what may have been counted twice or not at all. */
  warn: (warning: LogWarning) => void;
}

/** Tracks from scan to scan which generation is in which file. */
export class Follower {
  readonly #store: Checkpoints;
  readonly #options: FollowOptions;
  readonly #problems: FileProblems;
  readonly #log: Log;
  /** Oldest generation first. */
  readonly #tails: Map<string, Tail>;
  readonly #attached: Attachments;
  readonly #broken = new Set<Tail>();
  /** Path of a recognised copy → its original, and the state the file had. */
  readonly #copies = new Map<string, { of: Tail; scan: string }>();
  readonly #links = new Links();
  readonly #lost: LostFiles;
  /** Paths that are not read, which were warned of: their names are not UTF-8, or somebody else's link leads there. */
  readonly #unreadable = new Set<string>();
  #isFirstLook = true;
  #changes: Change[] = [];

  constructor(store: Checkpoints, options: FollowOptions, problems: FileProblems, log: Log) {
    this.#store = store;
    this.#options = options;
    this.#attached = new Attachments(options.quietMs);
    this.#lost = new LostFiles(options.quietMs, options.warn);
    this.#problems = problems;
    this.#log = log;
    this.#tails = new Map(store.all().map((checkpoint) => [checkpoint.id, new Tail(checkpoint)]));
  }

  get count(): number {
    return this.#attached.size;
  }

  get unreadBytes(): number {
    let bytes = 0;
    for (const [tail, { state }] of this.#attached) bytes += Math.max(0, state.size - tail.offset);
    return bytes;
  }

  /** The file no longer has the bytes of this generation. */
  markBroken(tail: Tail): void {
    this.#broken.add(tail);
  }

  /** Scans all files. When it returns, the findings are durable. */
  async look(nowMs: number): Promise<void> {
    const knownLogs = new Set([...this.#tails.values()].map(({ log }) => log));
    const found = listFiles(this.#options.pattern, knownLogs, this.#links, this.#problems);
    const { listed, compressed, unreadable, foreign } = found;
    const unrecognised = this.#updateAttached(listed, nowMs);
    this.#releaseUnlisted(new Set(listed.map(({ state }) => state.id.inode)), nowMs);
    for (const entry of unrecognised) this.#problems.try('recognise', entry.path, () => this.#apply(entry));
    this.#noteMissing(listed, nowMs);
    this.#lost.assess({ isAttached: (tail) => this.#attached.has(tail), listed, compressed }, nowMs);
    for (const path of unreadable) this.#noteUnreadable(path);
    for (const { path, state, link } of foreign) this.#noteForeign(path, state, link);
    this.#isFirstLook = false;
    const changes = this.#changes;
    this.#changes = [];
    await this.#store.save(changes, nowMs);
  }

  /** The state of each file, and whether it is finished (see Attachments.isFinished). */
  *files(nowMs: number): Generator<{ tail: Tail; state: FileState; isFinished: boolean }> {
    for (const [tail, { state }] of this.#attached) {
      if (!this.#broken.has(tail)) yield { tail, state, isFinished: this.#attached.isFinished(tail, nowMs) };
    }
  }

  /** Closes a file that was read to its end and is not expected to change. */
  closeIfIdle(tail: Tail, nowMs: number): void {
    if (this.#attached.isAtRest(tail, nowMs)) tail.close();
  }

  close(): void {
    for (const tail of this.#tails.values()) tail.close();
  }

  /** Updates attached files; returns those without a generation. */
  #updateAttached(listed: Listed[], nowMs: number): Listed[] {
    const byInode = new Map([...this.#attached.keys()].map((tail) => [tail.file.inode, tail]));
    this.#updateDevices(byInode, listed);
    const unattached = listed.filter((entry) => !byInode.has(entry.state.id.inode) && this.#isToRecognise(entry));
    // A new sibling may hold the bytes of a log that was truncated and has grown again since.
    const siblings = unattached.filter(({ path, log, origin }) => path !== log || origin !== undefined);
    const suspectLogs = new Set(siblings.map(({ log, origin }) => origin ?? log));
    const unrecognised: Listed[] = [];
    for (const entry of listed) {
      const tail = byInode.get(entry.state.id.inode);
      if (!tail || this.#isReplaced(tail, entry.state) || (suspectLogs.has(tail.log) && !this.#hasItsBytes(tail))) {
        if (tail) this.#detach(tail, 'truncated or replaced', nowMs);
        unrecognised.push(entry);
      } else this.#update(tail, entry);
    }
    return unrecognised;
  }

  /** A volume that was mounted anew while the monitor ran. */
  #updateDevices(byInode: Map<string, Tail>, listed: Listed[]): void {
    const inodes = new Set(listed.map(({ state }) => state.id.inode));
    const missing = [...byInode.values()].filter(({ file }) => !inodes.has(file.inode));
    if (missing.length === 0) return;
    for (const { state } of listed) {
      if (byInode.has(state.id.inode)) continue;
      const tail = missing.find(({ file }) => sameOnOtherDevice(file, state.id));
      if (tail === undefined) continue;
      this.#log.info({ path: tail.path, generation: tail.id }, 'on another device');
      byInode.delete(tail.file.inode);
      tail.close();
      tail.file = state.id;
      this.#changes.push({ id: tail.id, file: tail.file });
      byInode.set(state.id.inode, tail);
    }
  }

  #update(tail: Tail, entry: Listed): void {
    if (!sameFile(tail.file, entry.state.id)) {
      // It is held open, so it is the same file: this file system's birth times are not usable.
      tail.file = { ...tail.file, born: '' };
      this.#place(tail, entry);
    }
    if (tail.path !== entry.path) {
      this.#log.info({ generation: tail.id, from: tail.path, to: entry.path }, 'renamed');
      this.#place(tail, placeOf(entry, tail.log));
    }
    this.#attached.set(tail, { path: entry.path, state: entry.state });
  }

  /** True also while the file cannot be read. */
  #hasItsBytes(tail: Tail): boolean {
    const read = () => [tail.head, tail.tail].every((print) => matches((from, to) => tail.readSha(from, to), print));
    return this.#problems.try('recognise', tail.path, read) ?? true;
  }

  /** An empty file has no content to recognise, and a known copy is not recognised again. */
  #isToRecognise({ path, state }: Listed): boolean {
    const copied = this.#copies.get(path);
    return state.size > 0 && !(copied?.scan === JSON.stringify(state) && this.#attached.has(copied.of));
  }

  #isReplaced(tail: Tail, state: FileState): boolean {
    return this.#broken.has(tail) || state.size < tail.offset || (!tail.isOpen && !sameFile(tail.file, state.id));
  }

  /** A file without a name is read to its end while it is held open. */
  #releaseUnlisted(inodes: Set<string>, nowMs: number): void {
    for (const tail of [...this.#attached.keys()]) {
      if (inodes.has(tail.file.inode)) {
        this.closeIfIdle(tail, nowMs);
        continue;
      }
      const state = tail.stat();
      if (state && this.#isReplaced(tail, state)) this.#detach(tail, 'truncated', nowMs);
      else if (state) this.#attached.set(tail, { path: null, state });
      if (!state || this.#attached.isDone(tail, nowMs)) this.#release(tail, nowMs);
    }
  }

  #apply(entry: Listed): void {
    if (!this.#isToRecognise(entry)) return;
    const { path, log, origin, state } = entry;
    const file: SeenFile = {
      path,
      log,
      ...(origin !== undefined && { origin }),
      id: state.id,
      size: state.size,
      // In a data folder that was copied with its logs, these may have been written to before this start.
      wasCopied: state.wasCopied || (this.#isFirstLook && this.#store.wasCopied),
      readSha: shaReader(path),
    };
    const lost = [...this.#tails.values()].filter((tail) => !this.#attached.has(tail));
    const verdict = recognise(file, lost, () => this.#attached.openGenerations());
    if (verdict.kind === 'new') this.#beginOrRevive(file, state, lost);
    else if (verdict.kind === 'copy') {
      const of = this.#tails.get(verdict.of) as Tail;
      this.#copies.set(path, { of, scan: JSON.stringify(state) });
      this.#noteCopy(of, file);
    } else {
      const tail = this.#tails.get(verdict.generation) as Tail;
      const { path: before, offset } = tail;
      this.#goOn(tail, file, state);
      if (verdict.isGuess)
        this.#options.warn({ code: 'log_taken_for_moved', generation: tail.id, path, bytes: offset, before });
    }
  }

  #goOn(tail: Tail, file: SeenFile, state: FileState): void {
    tail.file = state.id;
    if (tail.goneMs !== null) this.#lost.found(tail);
    this.#place(tail, placeOf(file, tail.log));
    this.#attached.set(tail, { path: file.path, state });
    this.#log.debug({ path: file.path, generation: tail.id, offset: tail.offset }, 'goes on');
  }

  #beginOrRevive(file: SeenFile, state: FileState, lost: Tail[]): void {
    const { path, log, origin } = file;
    if (path !== log || origin !== undefined || file.wasCopied) {
      const old = this.#store.forgotten();
      const verdict = recognise(file, old, () => []);
      const known = verdict.kind === 'continues' ? old.findLast(({ id }) => id === verdict.generation) : undefined;
      if (known) {
        // Its lines are in the totals of what was forgotten.
        const tail = new Tail({ ...known, ...noLines() });
        this.#changes.push({ ...known, ...noLines() });
        this.#tails.set(tail.id, tail);
        this.#goOn(tail, file, state);
        return;
      }
    }
    // Only its name tells that it belongs to a log, and the pattern does not name it.
    if (path !== log && origin !== undefined) return;
    const before = countedBefore(file, lost, () => this.#attached.openGenerations());
    const tail = this.#begin(file, state, lost);
    if (!tail || !before) return;
    const bytes = before.tail.to;
    this.#options.warn({ code: 'log_counted_again', generation: tail.id, path, bytes, before: before.log });
  }

  #noteCopy(of: Tail, { path, id }: SeenFile): void {
    if (of.copies.some((copy) => sameFile(copy, id))) return;
    of.copies = [...of.copies, id];
    this.#changes.push({ id: of.id, copies: of.copies });
    this.#log.info({ path, generation: of.id, of: of.path }, 'repeats a file that is followed: not read');
  }

  #begin(file: SeenFile, state: FileState, lost: Tail[]): Tail | null {
    const to = textBytes(file.path, FINGERPRINT_BYTES);
    const sha = file.readSha(0, to);
    if (sha === null) return null;
    // Any other generation with this inode has no file now.
    for (const tail of lost) if (tail.file.inode === file.id.inode) this.#forgetFile(tail);
    const begun: Checkpoint = {
      id: newGenerationId(),
      host: this.#options.hostId,
      topic: this.#options.topic,
      path: file.path,
      log: file.log,
      file: file.id,
      copies: [],
      goneMs: null,
      head: { from: 0, to, sha },
      tail: EMPTY_FINGERPRINT,
      ...noLines(),
    };
    this.#changes.push(begun);
    const tail = new Tail(begun);
    this.#tails.set(tail.id, tail);
    this.#attached.set(tail, { path: file.path, state });
    this.#log.info({ path: file.path, generation: tail.id }, 'new');
    return tail;
  }

  #place(tail: Tail, { path, log }: Found): void {
    tail.path = path;
    tail.log = log;
    tail.goneMs = null;
    this.#changes.push({ id: tail.id, path, log, file: tail.file, goneMs: null });
  }

  #detach(tail: Tail, why: string, nowMs: number): void {
    this.#log.info({ path: tail.path, generation: tail.id, offset: tail.offset }, why);
    this.#forgetFile(tail);
    this.#release(tail, nowMs);
  }

  #forgetFile(tail: Tail): void {
    tail.file = { ...tail.file, inode: '' };
    this.#changes.push({ id: tail.id, file: tail.file });
  }

  #release(tail: Tail, nowMs: number): void {
    const state = this.#attached.get(tail)?.state;
    if (state) {
      // If other bytes stand in the file, its size tells nothing of what stood there before.
      const unread = this.#broken.has(tail) ? 0 : Math.max(0, state.size - tail.offset);
      this.#lost.add(tail, { unread, changedMs: state.changedMs }, nowMs);
    }
    tail.close();
    this.#attached.delete(tail);
    this.#broken.delete(tail);
  }

  #noteMissing(listed: Listed[], nowMs: number): void {
    for (const tail of this.#tails.values()) {
      if (tail.goneMs !== null || this.#attached.has(tail)) continue;
      if (listed.some(({ state }) => tail.copies.some((id) => sameFile(id, state.id)))) continue;
      if (this.#isFirstLook) this.#lost.add(tail, { unread: null, changedMs: null }, nowMs);
      tail.goneMs = nowMs;
      this.#changes.push({ id: tail.id, goneMs: nowMs });
    }
  }

  #noteForeign(path: string, { size, owner }: FileState, link: ForeignLink): void {
    if (this.#unreadable.has(path)) return;
    this.#unreadable.add(path);
    this.#log.warn({ path, link }, "the symbolic link is not its owner's: not read");
    this.#options.warn({ code: 'log_link', path, bytes: size, owner, link });
  }

  #noteUnreadable(path: string): void {
    if (this.#unreadable.has(path)) return;
    this.#unreadable.add(path);
    this.#log.warn({ path }, 'its name is not UTF-8: not read');
    this.#options.warn({ code: 'log_name', path, bytes: sizeByBytes(path) });
  }
}

/** Where a generation is now: renamed to what is only perhaps a sibling, its log stays the same. */
const placeOf = ({ path, log, origin }: Pick<SeenFile, 'path' | 'log' | 'origin'>, before: string): Found => ({
  path,
  log: origin === before ? before : log,
});
