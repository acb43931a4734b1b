import type { ReactNode } from 'react';
import { Problem } from './problem.tsx';

interface Question {
  error: unknown;
  data: unknown;
  isPending: boolean;
  isFetching: boolean;
  isPlaceholderData?: boolean;
}

/**
 * A part of the page with a title. Of the question behind it, it shows that it waits, that it failed, or that what is
 * shown is from before: never nothing, and never in another place.
 */
export function Panel({
  title,
  aside,
  question,
  className = '',
  children,
}: {
  title: ReactNode;
  aside?: ReactNode;
  question?: Question;
  className?: string;
  children: ReactNode;
}) {
  const isWaiting = question?.isPending && question.error === null && question.isFetching;
  const isOld = question?.data !== undefined && (question.error !== null || question.isPlaceholderData);
  const hasFailed = question !== undefined && question.error !== null && question.data === undefined;
  return (
    <section className={`panel ${className}`} aria-busy={isWaiting ? true : undefined}>
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {question?.error != null && <Problem error={question.error} />}
      {hasFailed || (
        <div className={isOld ? 'old' : undefined}>{isWaiting ? <p className="waiting">Asking…</p> : children}</div>
      )}
    </section>
  );
}
