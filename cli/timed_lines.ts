/** Writes lines to standard error, each with the seconds since this was called. */
export function timedLines(): (line: string) => void {
  const startedMs = performance.now();
  return (line) => {
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    process.stderr.write(`${String(seconds).padStart(4)} s  ${line}\n`);
  };
}
