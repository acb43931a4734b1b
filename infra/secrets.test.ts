import { expect, test } from 'vitest';
import { keepSecret, withoutSecrets, withoutUser } from './secrets.ts';

test('a secret is hidden in every form in which it is sent', () => {
  const secret = 'pä$$ "word"/%';
  keepSecret(secret, 'ops');
  const forms = [
    secret,
    `https://ops:${encodeURIComponent(secret)}@host`,
    JSON.stringify({ secret }),
    `Basic ${Buffer.from(`ops:${secret}`).toString('base64')}`,
    `ApiKey ${Buffer.from(secret).toString('base64')}`,
  ];
  for (const form of forms) {
    const hidden = withoutSecrets(`before ${form} after`);
    expect(hidden).toMatch(/^before .*\[secret\].* after$/);
    expect(hidden).not.toContain('word');
  }
});

test('what is shorter than four characters is not looked for: it stands in ordinary words', () => {
  keepSecret('the');
  expect(withoutSecrets('the topic')).toBe('the topic');
});

test.each([
  ['https://u:p@host:1', 'https://host:1'],
  ['https://u:p/@x@host:1,https://v@other', 'https://host:1,https://other'],
  ['u:p@host', 'host'],
  ['no url at all', 'no url at all'],
])('%s without user and password', (text, shown) => expect(withoutUser(text)).toBe(shown));
