/**
 * Environment variables passed on to engines: paths, user, language. Nothing else: the environment may contain
 * unrelated passwords, and Hive shows its variables to any user.
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
