declare module 'vitest' {
  interface ProvidedContext {
    /** Settings of the platform that runs beside the engine tests; readConfig(inject('env')) reaches its engines. */
    env: Record<string, string>;
    /** Those of the second platform, which `secondPlatform()` starts. */
    secondEnv: Record<string, string>;
    /** The project of the test's file. */
    lane: string;
    /** The port where the embedded Hive expects S3. */
    s3Port: number;
  }
}

export type {};
