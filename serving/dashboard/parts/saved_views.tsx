import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { Button, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components';
import { readView, type View, writeView } from '../rules/view.ts';
import { savedViews } from '../state/stored.ts';
import { useView } from '../state/view.ts';

/** Views by names of one's own, kept in this browser. */
export function SavedViews() {
  const views = savedViews.use();
  const [view] = useView();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const save = (): void => {
    const saved = { name: name.trim(), path, search: new URLSearchParams(writeView(view)).toString() };
    if (saved.name === '') return;
    savedViews.set([...views.filter((one) => one.name !== saved.name), saved]);
    setName('');
  };
  return (
    <DialogTrigger>
      <Button className="button quiet">Saved views</Button>
      <Popover className="popover" placement="bottom end">
        <Dialog className="saved">
          {({ close }) => (
            <>
              <Heading slot="title">Saved views</Heading>
              {views.length === 0 && <p className="empty">None yet. They are kept in this browser.</p>}
              <ul>
                {views.map((one) => (
                  <li key={one.name}>
                    <button
                      type="button"
                      className="button quiet"
                      onClick={() => {
                        const search: View = readView(Object.fromEntries(new URLSearchParams(one.search)));
                        void navigate({ to: one.path as '/', search });
                        close();
                      }}
                    >
                      {one.name}
                    </button>
                    <button
                      type="button"
                      className="button quiet small"
                      aria-label={`Forget ${one.name}`}
                      onClick={() => savedViews.set(views.filter((other) => other !== one))}
                    >
                      ✕
                    </button>
                  </li>
                ))}
              </ul>
              <form
                className="request"
                onSubmit={(event) => {
                  event.preventDefault();
                  save();
                  close();
                }}
              >
                <label>
                  Keep this view as{' '}
                  <input
                    value={name}
                    maxLength={60}
                    autoComplete="off"
                    onChange={({ target }) => setName(target.value)}
                  />
                </label>
                <button type="submit" className="button primary" disabled={name.trim() === ''}>
                  Save
                </button>
              </form>
            </>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
