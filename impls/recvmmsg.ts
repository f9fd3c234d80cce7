import { nativeImplementation } from './native.js';
import { waitingRoom } from './settings.js';

/**
 * The optimised sockets in C++: recvmmsg / function / sendmmsg, SO_REUSEPORT, a pinned thread and socket each. Batches
 * of 64 were as fast as any from 8 to 1024 (docs/sockets.md).
 */
export const recvmmsg = nativeImplementation('recvmmsg', {
  batch: 64,
  ...waitingRoom,
  workNs: 0,
  delayNs: 0,
  socketBufferBytes: 0,
  steering: 'hash',
  gro: 'off',
  busyPollUs: 0,
});
