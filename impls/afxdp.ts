import { nativeImplementation } from './native.js';

/**
 * AF_XDP in C++: threads x queues with a socket a thread and one UMEM a queue. Rings of 2048 ride out a few
 * milliseconds without the CPU; chunks of 2048 hold a frame of 1514 bytes and the kernel's headroom. A system call that
 * may send 256 frames instead of 32 is worth a few percent.
 */
export const afxdp = nativeImplementation('afxdp', 'xdp', {
  batch: 64,
  ringSize: 2048,
  frameSize: 2048,
  attach: 'native',
  copyMode: 'copy',
  checksum: 'zero',
  busyPollUs: 0,
  hugePages: 'off',
  txBudget: 256,
  loop: 'current',
});
