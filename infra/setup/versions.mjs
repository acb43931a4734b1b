/** The first version in a tool's output: `openjdk version "17.0.15"`, `Apache Maven 3.8.7`, `1.8.0_402` (Java 8). */
export function parseVersion(text) {
  const match = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text);
  if (!match) return undefined;
  const numbers = match.slice(1).map((part) => Number(part ?? 0));
  return numbers[0] === 1 ? numbers.slice(1) : numbers;
}

export function isAtLeast(version, minimum) {
  for (const [place, wanted] of minimum.entries()) {
    const had = version[place] ?? 0;
    if (had !== wanted) return had > wanted;
  }
  return true;
}
