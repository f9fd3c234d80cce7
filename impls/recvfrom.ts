import { nativeImplementation } from './native.js';
import { waitingRoom } from './settings.js';

/** The plain baseline in C++: one socket, one thread, recvfrom / function / sendto. */
export const recvfrom = nativeImplementation('recvfrom', {
  ...waitingRoom,
  workNs: 0,
  delayNs: 0,
  socketBufferBytes: 0,
  busyPollUs: 0,
});
