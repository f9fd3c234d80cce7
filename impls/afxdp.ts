import type { Implementation } from './invoker.js';
import { startNative } from './native.js';

/**
 * AF_XDP in C++: native mode, copy; threads x queues with a socket a thread and one UMEM a queue. Rings of 2048 ride
 * out a few milliseconds without the CPU; chunks of 2048 hold a frame of 1514 bytes and the kernel's headroom.
 */
export const afxdp: Implementation = {
  id: 'afxdp',
  receives: 'xdp',
  start: (options) =>
    startNative('afxdp', options, { batch: 64, ringSize: 2048, frameBytes: 2048, socketBufferBytes: 0 }),
};
