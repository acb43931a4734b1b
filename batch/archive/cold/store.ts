/** Storage for files of the archive. Paths are relative to it: `dt=2021-01-31/<name>`. */
export interface Store {
  /** Names and bytes of the files in a folder; empty if there is no such folder. */
  sizes(folder: string): Promise<Map<string, number>>;
  /** Local path of a file; null if it must be copied first. */
  readable(path: string): string | null;
  /** The file's name in messages. */
  named(path: string): string;
  copyIn(from: string, path: string): Promise<void>;
  copyOut(path: string, to: string): Promise<void>;
  /** On return both the file and its name are durable. */
  rename(from: string, to: string): Promise<void>;
  /** Recursive; the path may be missing already. */
  remove(path: string): Promise<void>;
}
