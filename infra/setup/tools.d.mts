/** Rejects with a SetupError unless java, javac and mvn are there, of versions that work. */
export function checkJava(env: NodeJS.ProcessEnv, cacheDir: string): Promise<void>;
