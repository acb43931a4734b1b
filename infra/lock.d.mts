/** Resolves to the function that releases the lock, or to undefined when another process has it. */
export function tryLock(name: string): Promise<(() => Promise<void>) | undefined>;
export function withLock<T>(name: string, log: (line: string) => void, work: () => Promise<T>): Promise<T>;
