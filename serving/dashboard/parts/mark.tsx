import { MARK_SIGNS, MARK_WORDS, type Mark } from '../rules/finality.ts';

/** How final a number is, by shape and word. */
export function MarkSign({ mark }: { mark: Mark }) {
  const name = mark === 'not_run' ? 'not run' : mark;
  return (
    <span className={`mark ${mark}`} title={MARK_WORDS[mark]}>
      <span className="sign" aria-hidden="true">
        {MARK_SIGNS[mark]}
      </span>
      {name}
    </span>
  );
}

const SHOWN: Mark[] = ['final', 'restated', 'provisional', 'open'];

/** What the bars of a chart mean, drawn as they are. */
export function Legend({ compare }: { compare: string | null }) {
  return (
    <ul className="legend">
      {SHOWN.map((mark) => (
        <li key={mark} title={MARK_WORDS[mark]}>
          <i className={`swatch ${mark}`} aria-hidden="true">
            {mark === 'restated' && '◆'}
          </i>
          {mark === 'open' ? 'still open' : mark}
        </li>
      ))}
      {compare !== null && (
        <li>
          <i className="swatch line" aria-hidden="true" />
          {compare}
        </li>
      )}
    </ul>
  );
}
