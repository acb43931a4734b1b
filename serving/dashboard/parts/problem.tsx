import { ProblemError } from '../api/client.ts';
import { problemInWords } from '../rules/words.ts';

/** Why something is not shown, in one sentence. */
export function Problem({ error }: { error: unknown }) {
  const text =
    error instanceof ProblemError ? problemInWords(error.problem) : 'This page failed to understand the answer.';
  return (
    <p className="problem" role="status">
      <span aria-hidden="true">⚠</span> {text}
    </p>
  );
}
