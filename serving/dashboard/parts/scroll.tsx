import type { ReactNode } from 'react';

/** What may be wider than the page, and is then moved by pointer or arrow keys. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard reaches nothing in a table of numbers
    <section className="scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
