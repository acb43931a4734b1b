import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ComboBox, Input, ListBox, ListBoxItem, Popover } from 'react-aria-components';
import { adsQuestion } from '../api/questions.ts';
import { viewWith } from '../state/view.ts';

/** Leads to an ad, also to one that is not in the list. */
export function AdSearch() {
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const { data: ads = [] } = useQuery(adsQuestion(typed));
  const open = (ad: string): void => {
    if (ad === '') return;
    setTyped('');
    void navigate({ to: '/ad', search: viewWith({ ad }) });
  };
  return (
    <ComboBox
      className="ad-search"
      aria-label="Search an ad"
      items={ads.map((id) => ({ id }))}
      inputValue={typed}
      onInputChange={setTyped}
      onSelectionChange={(key) => key !== null && open(String(key))}
      selectedKey={null}
      allowsCustomValue
      menuTrigger="input"
    >
      <Input
        placeholder="Search an ad   /"
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.currentTarget.getAttribute('aria-activedescendant')) open(typed.trim());
        }}
      />
      <Popover className="popover list">
        <ListBox<{ id: string }>>
          {({ id }) => (
            <ListBoxItem id={id} textValue={id}>
              {id}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
