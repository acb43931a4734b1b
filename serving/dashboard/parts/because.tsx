import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { type Asked, type Because, isLost, newKey } from '../api/actions.ts';
import { lastWho } from '../state/stored.ts';

/** Reason and who, as they are being typed. */
export function useBecause(): { because: Because; set: (change: Partial<Because>) => void; isComplete: boolean } {
  const who = lastWho.use();
  const [reason, setReason] = useState('');
  return {
    because: { reason: reason.trim(), who: who.trim() },
    set: (change) => {
      if (change.reason !== undefined) setReason(change.reason);
      if (change.who !== undefined) lastWho.set(change.who);
    },
    isComplete: reason.trim() !== '' && who.trim() !== '',
  };
}

/** Asks for something. What may have been lost is sent again, under the same key. */
export function useAsking(onAsked: (asked: Asked) => void = () => {}) {
  const asking = useMutation({
    mutationFn: ({ key, ask }: { key: string; ask: (key: string) => Promise<Asked> }) => ask(key),
    retry: (failures, error) => failures < 3 && isLost(error),
    onSuccess: onAsked,
  });
  return { ...asking, ask: (ask: (key: string) => Promise<Asked>) => asking.mutate({ key: newKey(), ask }) };
}

/** Who asks is remembered in this browser; the API adds the name of the token. */
export function BecauseFields({ set }: { set: (change: Partial<Because>) => void }) {
  const who = lastWho.use();
  return (
    <>
      <label>
        Why (it stays on record){' '}
        <input
          name="reason"
          maxLength={200}
          autoComplete="off"
          onChange={({ target }) => set({ reason: target.value })}
        />
      </label>
      <label className="who">
        Who{' '}
        <input
          name="who"
          maxLength={100}
          autoComplete="name"
          value={who}
          onChange={({ target }) => set({ who: target.value })}
        />
      </label>
    </>
  );
}
