import { describe, expect, it } from 'vitest';
import { count, quote, wrap } from '../../../common/cli/text.js';

describe('quote', () => {
  it.each([
    ['plain', 'plain'],
    ['', '""'],
    ['two words', '"two words"'],
    ['a\nline', '"a\\nline"'],
    ['\u001b[31m', '"\\u001b[31m"'],
    ['\u007f\u009b', '"\\u007f\\u009b"'],
    ['x'.repeat(61), `${'x'.repeat(59)}…`],
  ])('%j', (text, shown) => expect(quote(text)).toBe(shown));
});

describe('count', () => {
  it.each([
    [0, '0 runs'],
    [1, '1 run'],
    [12, '12 runs'],
  ])('%d', (number, text) => expect(count(number, 'run')).toBe(text));
});

describe('wrap', () => {
  it.each([
    ['a text that fits', 20, '', ['a text that fits']],
    ['a text of five words', 10, '', ['a text of', 'five words']],
    ['a text of five words', 10, '  ', ['a text of', '  five', '  words']],
    ['a wordthatislonger than that', 8, '  ', ['a', '  wordthatislonger', '  than', '  that']],
    ['a share of 12 % or so', 13, '', ['a share of', '12 % or so']],
    ['', 5, '', ['']],
  ])('%j in %d columns, indented by %j', (text, width, indent, lines) =>
    expect(wrap(text, width, indent)).toEqual(lines),
  );
});
