import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readLines, writeLine } from '../../../common/process/protocol.js';
import { Captured } from '../../fakes/streams.js';

/** What readLines makes of a stream that brings these chunks and then ends. */
async function linesOf(...chunks: (string | Buffer)[]) {
  const stream = new PassThrough();
  const lines: string[] = [];
  let ends = 0;
  readLines(
    stream,
    (line) => lines.push(line),
    () => ends++,
  );
  for (const chunk of chunks) {
    stream.write(chunk);
    await setImmediate();
  }
  expect(ends).toBe(0);
  stream.end();
  await setImmediate();
  expect(ends).toBe(1);
  return lines;
}

describe('readLines', () => {
  const euro = Buffer.from('{"sign":"€"}\n');
  it.each<[string, (string | Buffer)[], string[]]>([
    ['one line a chunk', ['a\n', 'b\n'], ['a', 'b']],
    ['many lines a chunk', ['a\nb\nc\n'], ['a', 'b', 'c']],
    ['a line over many chunks', ['{"a"', ':', '1}', '\n'], ['{"a":1}']],
    ['a chunk that ends one line and begins another', ['a\nb', 'c\n'], ['a', 'bc']],
    ['blank lines', ['\n\na\n'], ['', '', 'a']],
    ['a character split over two chunks', [euro.subarray(0, 10), euro.subarray(10)], ['{"sign":"€"}']],
    ['nothing', [], []],
  ])('%s', async (_, chunks, lines) => expect(await linesOf(...chunks)).toEqual(lines));

  it('reads a line that is longer than a pipe holds', async () => {
    const long = 'x'.repeat(200_000);
    expect(await linesOf(long.slice(0, 70_000), `${long.slice(70_000)}\n`)).toEqual([long]);
  });
});

describe('writeLine', () => {
  it('puts a message on one line, whatever it says', () => {
    const output = new Captured();
    writeLine(output, { type: 'error', error: { code: 'A', message: 'two\nlines' } });
    writeLine(output, { type: 'start' });
    expect(output.lines.map((line) => JSON.parse(line))).toEqual([
      { type: 'error', error: { code: 'A', message: 'two\nlines' } },
      { type: 'start' },
    ]);
  });

  it('is what readLines reads', async () => {
    const output = new Captured();
    const message = { type: 'sample', atNs: 2 ** 52 + 1, counters: { handled: 1, 'udp.NoPorts': 0 } };
    writeLine(output, message);
    expect((await linesOf(output.text)).map((line) => JSON.parse(line))).toEqual([message]);
  });
});
