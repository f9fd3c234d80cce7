import { expect, it } from 'vitest';
import { LastWords } from '../../../common/process/last-words.js';

function heard(text: string): LastWords {
  const words = new LastWords();
  for (const line of text.split('\n')) words.hear(line);
  return words;
}

const uncaught = `file:///srv/a.js:3
    throw new Error('two\\nlines');
          ^

Error: cannot bind: address in use
    at run (file:///srv/a.js:3:11)
    at node:internal/main:1:1 {
  code: 'EADDRINUSE',
  [cause]: Error: inner
      at run (file:///srv/a.js:2:11)
}

Node.js v20.20.2
`;

it.each([
  ['a plain line', 'first\nsegment of doom\n\n', 'segment of doom'],
  ['nothing', '\n  \n', null],
  ['an uncaught exception', uncaught, 'Error: cannot bind: address in use'],
  [
    'an exception of a class of its own',
    'BenchError [X]: no\n    at a (b:1:1)\n\nNode.js v24.1.0\n',
    'BenchError [X]: no',
  ],
  ['a bare value', "node:internal/x:1\n\nUncaught:\n'enough'\n\nNode.js v22.0.0\n", "'enough'"],
  [
    'an abort of V8',
    'FATAL ERROR: heap out of memory\n 1: 0xb7a940 node::Abort()\n',
    'FATAL ERROR: heap out of memory',
  ],
  ['an error that was only printed', 'Error: odd\nthen all went on\n', 'then all went on'],
  ['frames alone', '    at a (b:1:1)\n', 'at a (b:1:1)'],
  ['control characters', '\u001b[31mred\u0007\n', '\\u001b[31mred\\u0007'],
])('quotes %s', (_, text, quote) => expect(heard(text).quote()).toBe(quote));

it('keeps the last 20 lines that are not blank', () => {
  const { lines } = heard(Array.from({ length: 50 }, (_, i) => `${i}\n\n`).join(''));
  expect(lines).toEqual(Array.from({ length: 20 }, (_, i) => String(i + 30)));
});
