import { inject } from 'vitest';

/** A running platform. */
export interface TestPlatform {
  /** Its settings; `readConfig` of them reaches its engines. */
  env: Record<string, string>;
  /** Where its Hive looks for S3. */
  s3Port: number;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** One for each file that runs at a time. */
    platforms: TestPlatform[];
  }
}

/** The platform that this file has for itself while it runs; files before it had it too. */
export function platform(): TestPlatform {
  const found = inject('platforms')[Number(process.env.VITEST_POOL_ID) - 1];
  if (found === undefined) throw new Error(`no platform for test worker ${process.env.VITEST_POOL_ID}`);
  return found;
}
