import { nativeImplementation } from './native.js';

/** The plain baseline in C++: one socket, one thread, recvfrom / function / sendto. */
export const recvfrom = nativeImplementation('recvfrom', { socketBufferBytes: 4 << 20, busyPollUs: 0 });
