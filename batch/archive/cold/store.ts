/** A place that holds files of the archive. Paths are relative to it: `dt=2021-01-31/<name>`. */
export interface Store {
  /** Names and bytes of the files in a folder; none if there is no such folder. */
  sizes(folder: string): Promise<Map<string, number>>;
  /** Where a file can be read as it is; null if it has to be copied out first. */
  readable(path: string): string | null;
  /** How people call the file. */
  named(path: string): string;
  copyIn(from: string, path: string): Promise<void>;
  copyOut(path: string, to: string): Promise<void>;
  /** On return both the file and its name are durable. */
  rename(from: string, to: string): Promise<void>;
  /** With everything below it; may be gone already. */
  remove(path: string): Promise<void>;
}
