import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { AdSearch } from '../parts/ad_search.tsx';
import { Freshness } from '../parts/freshness.tsx';
import { Help } from '../parts/help.tsx';
import { ZoneChoice } from '../parts/zone_choice.tsx';
import { changeByKey } from '../rules/keys.ts';
import { DEFAULT_VIEW } from '../rules/view.ts';
import { setTheme, THEMES, type Theme, useTheme } from '../state/theme.ts';
import { useTokenWanted } from '../state/token_wanted.ts';
import { useView, viewWith } from '../state/view.ts';
import { TokenPrompt } from './token.tsx';

const PAGES = [
  ['/', 'Overview'],
  ['/ad', 'Ad'],
  ['/days', 'Days'],
  ['/filters', 'Filters'],
  ['/pipeline', 'Pipeline'],
] as const;

export function Shell() {
  const reason = useTokenWanted();
  const [isHelpOpen, setHelpOpen] = useState(false);
  useKeys(() => setHelpOpen(true));
  const { pathname } = useLocation();
  const name = PAGES.find(([path]) => path === pathname)?.[1];
  useEffect(() => {
    document.title = name === undefined ? 'clickledger' : `${name} · clickledger`;
  }, [name]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the numbers
      </a>
      <header className="top">
        <Link to="/" search={DEFAULT_VIEW} className="brand">
          clickledger
        </Link>
        <nav aria-label="Pages">
          {PAGES.map(([path, title]) => (
            <Link key={path} to={path} search={viewWith()} activeOptions={{ exact: true, includeSearch: false }}>
              {title}
            </Link>
          ))}
        </nav>
        <AdSearch />
        <div className="spread" />
        <Freshness />
        <ZoneChoice />
        <ThemeChoice />
        <button type="button" className="button quiet" aria-label="Help" onClick={() => setHelpOpen(true)}>
          ?
        </button>
      </header>
      <Help isOpen={isHelpOpen} onOpenChange={setHelpOpen} />
      <main id="main">{reason === null ? <Outlet /> : <TokenPrompt reason={reason} />}</main>
    </>
  );
}

function ThemeChoice() {
  const theme = useTheme();
  return (
    <select aria-label="Colours" value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
      {THEMES.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>
  );
}

/** Keys without a modifier, unless something is being typed or chosen. */
function useKeys(openHelp: () => void): void {
  const [view, change] = useView();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest('input, select, textarea, [role=dialog]')) return;
      if (event.key === '?') openHelp();
      else if (event.key === '/') document.querySelector<HTMLInputElement>('.ad-search input')?.focus();
      else {
        const changed = changeByKey(event.key, view);
        if (changed === null) return;
        change(changed);
      }
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
}
