/** Runs a command that fetches something, up to three times, its output kept in a file. Rejects with a SetupError. */
export function fetchWith(options: {
  what: string;
  file: string;
  args: string[];
  cwd: string;
  /** What to do about a failure. */
  hint: string;
  log: (line: string) => void;
  logFile: string;
  /** Makes room for each attempt. */
  before?: () => void;
}): Promise<void>;
