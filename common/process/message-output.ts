import type { Writable } from 'node:stream';
import type { RunError } from '../../model/record.js';
import { toRunError } from '../cli/errors.js';
import { write } from '../cli/streams.js';
import { writeLine } from './protocol.js';

/** What a child process says to the harness, until its last words. */
export class MessageOutput<Message extends object> {
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
    // A harness that is gone ends the input, too: that is what counts.
    stream.on('error', () => {});
  }

  say(message: Message | { type: 'error'; error: RunError }): void {
    writeLine(this.#stream, message);
  }

  /**
   * Resolves to the exit code when `served` is over, its error said, and every line with the reader or the reader gone:
   * a process that ends before loses the rest of them.
   */
  async end(served: Promise<void>): Promise<number> {
    const exitCode = await served.then(
      () => 0,
      (error: unknown) => {
        this.say({ type: 'error', error: toRunError(error) });
        return 1;
      },
    );
    return write(this.#stream, '').then(
      () => exitCode,
      () => 1,
    );
  }
}
