import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ImplementationId } from '../../model/ids.js';
import type { Implementation } from '../invoker.js';
import type { Host } from './host.js';

/** What the stand-alone invoker may touch of the outside world. */
export interface InvokerSurroundings {
  /** Null where it is a terminal: reading that from the background would stop the process (SIGTTIN). */
  stdin: Readable | null;
  stdout: Writable;
  stderr: Writable;
  /** Emits the signals of the process by their names. */
  signals: EventEmitter;
  host: Host;
  implementations: Record<ImplementationId, Implementation>;
}
