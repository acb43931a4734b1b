import { useSyncExternalStore } from 'react';

let why: string | null = null;
const listeners = new Set<() => void>();

/** Shows the prompt, with what the API said; null: hides it. */
export function askForToken(reason: string | null): void {
  why = reason;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useTokenWanted = (): string | null => useSyncExternalStore(subscribe, () => why);
