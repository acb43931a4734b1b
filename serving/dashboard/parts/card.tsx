import type { ReactNode } from 'react';
import type { Change } from '../rules/compare.ts';
import type { Mark } from '../rules/finality.ts';
import { signedShareText, signedText } from '../rules/format.ts';
import { MarkSign } from './mark.tsx';

interface Shown {
  title: string;
  value: string;
  /** On hover of the value. */
  exactly?: string | undefined;
  change: Change | null;
  /** With what it is compared. */
  against: string | null;
  /** A change of a share is told in points, not in clicks. */
  isShare?: boolean;
  mark: Mark | null;
  isChosen: boolean;
  onChoose: () => void;
  receipt: ReactNode;
}

/** A number with what it was before, how final it is, and its receipt. Choosing it shows it in the chart. */
export function Card({
  title,
  value,
  exactly,
  change,
  against,
  isShare = false,
  mark,
  isChosen,
  onChoose,
  receipt,
}: Shown) {
  return (
    <div className={`card ${isChosen ? 'chosen' : ''}`}>
      <button type="button" aria-pressed={isChosen} onClick={onChoose} title={exactly} disabled={mark === 'not_run'}>
        <span className="title">{title}</span>
        <span className="value" data-metric={title}>
          {value}
        </span>
        <span className="change">
          {change === null ? (
            against === null ? (
              ' '
            ) : (
              `no number ${against}`
            )
          ) : (
            <>
              <b className={change.difference > 0 ? 'up' : change.difference < 0 ? 'down' : 'same'}>
                <span aria-hidden="true">{change.difference > 0 ? '▲' : change.difference < 0 ? '▼' : '='}</span>{' '}
                {change.ratio === null
                  ? isShare
                    ? 'from 0'
                    : signedText(change.difference)
                  : signedShareText(change.ratio)}
              </b>{' '}
              {against}
            </>
          )}
        </span>
      </button>
      <div className="foot">
        {mark === null ? <span /> : <MarkSign mark={mark} />}
        {receipt}
      </div>
    </div>
  );
}
