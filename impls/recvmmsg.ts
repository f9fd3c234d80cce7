import type { Implementation } from './invoker.js';
import { startNative } from './native.js';

/** The optimised sockets in C++: recvmmsg / function / sendmmsg, SO_REUSEPORT, a pinned thread and socket each. */
export const recvmmsg: Implementation = {
  id: 'recvmmsg',
  receives: 'socket',
  start: (options) =>
    startNative('recvmmsg', options, { batch: 64, ringSize: 0, frameBytes: 0, socketBufferBytes: 4 << 20 }),
};
