import { describe, expect, it } from 'vitest';
import { pictureOf } from '../../../harness/pictures/picture.js';
import { screenOf } from '../../../harness/pictures/screen.js';

const textOf = (sent: string) => screenOf(sent).map((line) => line.map(({ text }) => text).join(''));

describe('screenOf', () => {
  it.each([
    ['lines', 'a\r\nb\r\n', ['a', 'b']],
    ['a line that is written over', 'one\rtw', ['twe']],
    ['a bar that is drawn again and cleared', '\r\u001b[2K██ 1/2\r\u001b[2K██ 2/2\r\u001b[2Kdone\n', ['done']],
    ['a prompt of readline', '\u001b[1G\u001b[0Jhow? \u001b[6Gx\r\nok', ['how? x', 'ok']],
    ['what is right of the cursor', 'abc\u001b[2G\u001b[K', ['a']],
    ['a column behind the end', 'a\u001b[4Gb', ['a  b']],
    ['blank lines between, none at the end', 'a\r\n\r\nb\r\n \r\n\r\n', ['a', '', 'b']],
    ['lines above that are drawn again', 'one\r\ntwo\r\n\u001b[2A\r\u001b[Jthree\r\n', ['three']],
    ['sequences that it does not know', 'a\u001b[?25l\u001b[3Xb', ['ab']],
    ['characters of two code units', 'a😀b', ['a😀b']],
  ])('%s', (_, sent, lines) => expect(textOf(sent)).toEqual(lines));

  it('has a span for each style', () => {
    expect(screenOf('a\u001b[1;31mb\u001b[0m\u001b[2mc\u001b[22;96md\u001b[39me')[0]).toEqual([
      { text: 'a', colour: null, bold: false, faint: false },
      { text: 'b', colour: 1, bold: true, faint: false },
      { text: 'c', colour: null, bold: false, faint: true },
      { text: 'd', colour: 14, bold: false, faint: false },
      { text: 'e', colour: null, bold: false, faint: false },
    ]);
  });
});

describe('pictureOf', () => {
  const svg = pictureOf(screenOf('a <b> &\r\n\r\n\u001b[33m  c'), 10, 'a & b');

  it('is a document with the text of all lines, in place', () => {
    expect(svg).toMatch(/^<svg .*width="120" height="93"/);
    expect(svg).toContain('<title>a &amp; b</title>');
    expect(svg).toMatch(/<text x="18\.0" y="32" textLength="58\.8".*>a &lt;b&gt; &amp;<\/text>/);
    expect(svg).toMatch(/<text x="18\.0" y="70" .*fill="#E3B341"> {2}c<\/text>/);
  });
});
