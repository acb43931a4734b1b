export type EngineName = 'kafka' | 'clickhouse' | 'elasticsearch' | 'hive';
/** An engine, or what only tests have. */
export type ProgramName = EngineName | 's3proxy';
export const ENGINE_NAMES: readonly EngineName[];
export const engineVersions: Readonly<Record<EngineName, string>>;
/** `CLICKLEDGER_CACHE`, or a folder of the user's cache. */
export function defaultCacheDir(env: NodeJS.ProcessEnv): string;
/** The folder of an engine's program in the cache. */
export function engineHome(cacheDir: string, name: ProgramName): string;
/** Fetches those of the named engines that are not whole in the cache yet. Rejects with a SetupError of one line. */
export function ensureEngines(options: {
  cacheDir: string;
  names: readonly ProgramName[];
  log: (line: string) => void;
}): Promise<void>;
/** Fetches an engine and writes the SHA-256 of its files to its folder in infra/embedded. */
export function pinEngine(name: string, cacheDir: string, log: (line: string) => void): Promise<void>;
