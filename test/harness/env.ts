declare module 'vitest' {
  interface ProvidedContext {
    /** Settings of the platform that runs beside the engine tests; readConfig(inject('env')) reaches its engines. */
    env: Record<string, string>;
  }
}

export type {};
