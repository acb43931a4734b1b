import type { EngineName } from '../setup/engines.mjs';
import type { ClaimedPort, SpawnSpec } from '../supervisor/types.ts';

export type { EngineName } from '../setup/engines.mjs';

export interface EmbeddedEngine {
  name: EngineName;
  version: string;
  /** Without credentials. */
  url: string;
  ports: ClaimedPort[];
  /** Where its JVM notes collections; absent: there is no such log. */
  gcLog?: string;
  /** Writes the configuration and, the first time, formats the storage. */
  prepare(): Promise<void>;
  command(): SpawnSpec;
  /** One probe: whether the engine answered a request that needs the whole engine. */
  ready(): Promise<boolean>;
}

/** Paths and port of an engine: its program, its data (`folder`, in `dataDir`), and its port. */
export interface EngineSite {
  version: string;
  home: string;
  dataDir: string;
  folder: string;
  port: number;
}
