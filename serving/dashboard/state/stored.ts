import { useSyncExternalStore } from 'react';

/** What a browser keeps of a page, for this server only: a value that several parts show. */
interface Stored<T> {
  use(): T;
  set(value: T): void;
}

/** @param read what was stored, which another version of the page may have written; null: nothing of use */
function stored<T>(name: string, fallback: T, read: (value: unknown) => T | null): Stored<T> {
  const listeners = new Set<() => void>();
  let value = fallback;
  try {
    value = read(JSON.parse(localStorage.getItem(name) ?? 'null')) ?? fallback;
  } catch {
    // Not JSON: as if nothing were there.
  }
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    use: () => useSyncExternalStore(subscribe, () => value),
    set(next) {
      value = next;
      localStorage.setItem(name, JSON.stringify(next));
      for (const listener of listeners) listener();
    },
  };
}

/** Who asks for corrections on this browser. */
export const lastWho = stored<string>('clickledger-who', '', (value) => (typeof value === 'string' ? value : null));

/** Ids of the filters that stand as buttons beside the period. */
export const pinnedFilters = stored<number[]>('clickledger-filters', [], (value) =>
  Array.isArray(value) && value.every(Number.isSafeInteger) ? value : null,
);

interface SavedView {
  name: string;
  path: string;
  /** The view as the address has it. */
  search: string;
}
const isSavedView = (value: unknown): value is SavedView =>
  typeof value === 'object' &&
  value !== null &&
  ['name', 'path', 'search'].every((field) => typeof (value as Record<string, unknown>)[field] === 'string');

export const savedViews = stored<SavedView[]>('clickledger-views', [], (value) =>
  Array.isArray(value) && value.every(isSavedView) ? value : null,
);
