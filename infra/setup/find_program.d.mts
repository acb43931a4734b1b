/** The file of a program: of `home` (its folder bin) when that is given, else the first on the PATH; undefined: none. */
export function findProgram(name: string, env: NodeJS.ProcessEnv, home?: string): string | undefined;
