/** The kernel counts processor time in ticks of 10 ms, whatever its own clock is. */
export const TICKS_PER_SECOND = 100;

/**
 * The fields of /proc/<pid>/stat by their numbers in proc(5), from the third on: the second one, the name, may itself
 * contain spaces and parentheses.
 */
export function statFields(stat: string): (number: number) => number {
  const fromThird = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (number) => Number(fromThird[number - 3]);
}
