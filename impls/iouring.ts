import { nativeImplementation } from './native.js';
import { waitingRoom } from './settings.js';

/**
 * The sockets of today in C++: io_uring with multishot receives and batched sends, SO_REUSEPORT, a pinned thread, socket
 * and ring each (docs/iouring.md). A batch is half of a ring's buffers: while one is sent the next one is received.
 */
export const iouring = nativeImplementation('iouring', {
  batch: 64,
  ...waitingRoom,
  workNs: 0,
  delayNs: 0,
  socketBufferBytes: 0,
  steering: 'hash',
  busyPollUs: 0,
});
