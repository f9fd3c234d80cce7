import { nativeImplementation } from './native.js';
import { waitingRoom } from './settings.js';

/**
 * AF_XDP in C++: threads x queues with a socket a thread and one UMEM a queue. Chunks of 2048 hold a frame of 1514
 * bytes and the kernel's headroom. A system call may send 256 frames instead of 32.
 */
export const afxdp = nativeImplementation('afxdp', {
  batch: 64,
  ...waitingRoom,
  workNs: 0,
  delayNs: 0,
  ringSize: 1024,
  frameSize: 2048,
  attach: 'native',
  copyMode: 'copy',
  checksum: 'zero',
  busyPollUs: 0,
  hugePages: 'off',
  txBudget: 256,
  loop: 'current',
});
