/** Rejects with a SetupError, of one line, if packages cannot be installed or patched. */
export function ensurePackages(options: { root: string; cacheDir: string; log: (line: string) => void }): Promise<void>;
