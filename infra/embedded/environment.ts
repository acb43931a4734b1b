/**
 * What an engine may know of our environment: where programs are, who it runs as, its language. Nothing else is passed
 * on: there are passwords of others in it, and Hive tells its variables to whoever asks.
 */
const PASSED_ON = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'JAVA_HOME', 'LD_LIBRARY_PATH'];

export function engineEnvironment(
  own: Record<string, string> = {},
  { more = [], from = process.env }: { more?: readonly string[]; from?: NodeJS.ProcessEnv } = {},
): Record<string, string> {
  const passedOn = [...PASSED_ON, ...more].flatMap((name) => {
    const value = from[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passedOn), ...own };
}
