import { useView } from '../state/view.ts';

/** Another ad, whose numbers of the same time stand beside: instead of a period before. */
export function OtherAd() {
  const [{ other }, change] = useView();
  return (
    <form
      key={other}
      className="other"
      onSubmit={(event) => {
        event.preventDefault();
        change({ other: String(new FormData(event.currentTarget).get('other') ?? '').trim() });
      }}
    >
      <label className="pair">
        beside the ad{' '}
        <input name="other" defaultValue={other} placeholder="none" autoComplete="off" spellCheck={false} />
      </label>
      {other !== '' && (
        <button type="button" className="button quiet small" onClick={() => change({ other: '' })}>
          without it
        </button>
      )}
    </form>
  );
}
