import { useSyncExternalStore } from 'react';

const THEME = 'clickledger-theme';
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let chosen: Theme = THEMES.find((theme) => theme === localStorage.getItem(THEME)) ?? 'auto';

const colours = (): 'light' | 'dark' => (chosen === 'auto' ? (dark.matches ? 'dark' : 'light') : chosen);

function apply(): void {
  document.documentElement.dataset.theme = colours();
  for (const listener of listeners) listener();
}

dark.addEventListener('change', apply);
apply();

export function setTheme(theme: Theme): void {
  chosen = theme;
  localStorage.setItem(THEME, theme);
  apply();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => chosen);
export const useColours = (): 'light' | 'dark' => useSyncExternalStore(subscribe, colours);
