import { useQueryClient } from '@tanstack/react-query';
import { token } from '../api/client.ts';
import { askForToken } from '../state/token_wanted.ts';

export function TokenPrompt({ reason }: { reason: string }) {
  const queries = useQueryClient();
  return (
    <form
      className="panel token"
      onSubmit={(event) => {
        event.preventDefault();
        token.set(String(new FormData(event.currentTarget).get('token') ?? '').trim());
        askForToken(null);
        void queries.resetQueries();
      }}
    >
      <h1>A token is needed</h1>
      <p>
        This API answers only callers with a token ({reason}). It is kept in this tab until you close it, and sent to
        this server only.
      </p>
      <label>
        Token <input name="token" type="password" autoComplete="off" required spellCheck={false} />
      </label>
      <button type="submit" className="button primary">
        Use it
      </button>
    </form>
  );
}
