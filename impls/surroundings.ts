import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ImplementationId } from '../harness/model.js';
import type { Host } from './host.js';
import type { Implementation } from './invoker.js';

/** What the stand-alone invoker may touch of the outside world. */
export interface Surroundings {
  /** Null where it is a terminal: reading that from the background would stop the process (SIGTTIN). */
  stdin: Readable | null;
  stdout: Writable;
  stderr: Writable;
  /** Emits the signals of the process by their names. */
  signals: EventEmitter;
  host: Host;
  implementations: Record<ImplementationId, Implementation>;
}

export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 };

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
