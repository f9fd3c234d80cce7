import type { Writable } from 'node:stream';

/** Codes of a write to a reader that has left, the second of all writes after the first. */
const leftCodes = ['EPIPE', 'ERR_STREAM_DESTROYED'];

/** Resolves when the text is written, to `closed` if the reader has left; rejects if it cannot be written. */
export function write(stream: Writable, text: string): Promise<'written' | 'closed'> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error?: NodeJS.ErrnoException | null) => {
      if (!error) resolve('written');
      else if (leftCodes.includes(error.code ?? '')) resolve('closed');
      else reject(new Error(`cannot write the output: ${error.code ?? error.message}`));
    });
  });
}
