/** How one text is made from another: a letter less, a letter more, another letter, or two neighbours swapped. */
export function editsBetween(a: string, b: string): number {
  let [older, old]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const made = Math.min(at(old, j) + 1, at(row, j - 1) + 1, at(old, j - 1) + (isSame ? 0 : 1));
      row.push(isSwap ? Math.min(made, at(older, j - 2) + 1) : made);
    }
    [older, old] = [old, row];
  }
  return at(old, b.length);
}

const at = (row: number[] | undefined, index: number): number => row?.[index] ?? Number.POSITIVE_INFINITY;

/** Two neighbours swapped, a letter left out, or a letter typed twice: what hardly any other name is by chance. */
export function isSlip(typed: string, meant: string): boolean {
  if (typed.length === meant.length) {
    const differs = [...typed].flatMap((letter, index) => (letter === meant[index] ? [] : [index]));
    const [first = 0, second = 0] = differs;
    return (
      differs.length === 2 && second === first + 1 && typed[first] === meant[second] && typed[second] === meant[first]
    );
  }
  const without = (text: string, index: number): string => text.slice(0, index) + text.slice(index + 1);
  if (typed.length < meant.length) return [...meant].some((letter, n) => letter !== '_' && without(meant, n) === typed);
  return [...typed].some((letter, n) => letter !== '_' && letter === typed[n - 1] && without(typed, n) === meant);
}
