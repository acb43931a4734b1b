import { describe, expect, test } from 'vitest';
import { escapeFor, fillTemplate } from './template.ts';

describe('a configuration template', () => {
  test.each([
    ['a.xml', '"/a&#38;b&#60;&#34;c&#34;"'],
    ['a.yml', String.raw`"/a&b<\"c\""`],
    ['a.properties', '"/a&b<"c""'],
  ])('%s: a value cannot break out of its place', (file, expected) => {
    expect(fillTemplate('"@FOLDER@"', { FOLDER: '/a&b<"c"' }, escapeFor(file))).toBe(expected);
  });

  test('reports a placeholder without a value', () => {
    expect(() => fillTemplate('port=@PORT@', {}, String)).toThrow('no value for @PORT@');
  });
});
