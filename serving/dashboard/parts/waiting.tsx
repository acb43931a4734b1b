import { useQuery } from '@tanstack/react-query';
import { statusQuestion } from '../api/questions.ts';
import { Problem } from './problem.tsx';

/** Until the API says up to when it has counted, no period has an end. */
export function Waiting() {
  const { data, error } = useQuery(statusQuestion());
  if (error !== null) return <Problem error={error} />;
  return (
    <p className="waiting" role="status">
      {data === undefined
        ? 'Asking how far is counted…'
        : 'Nothing is counted yet: the first click appears here a few seconds after its line was written.'}
    </p>
  );
}
