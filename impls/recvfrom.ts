import type { Implementation } from './invoker.js';
import { startNative } from './native.js';

/** The plain baseline in C++: one socket, one thread, recvfrom / function / sendto. */
export const recvfrom: Implementation = {
  id: 'recvfrom',
  receives: 'socket',
  start: (options) =>
    startNative('recvfrom', options, { batch: 1, ringSize: 0, frameBytes: 0, socketBufferBytes: 4 << 20 }),
};
