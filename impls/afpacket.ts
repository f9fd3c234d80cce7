import { nativeImplementation } from './native.js';
import { waitingRoom } from './settings.js';

/** Packet sockets in C++: a ring of requests that is shared with the kernel, sendmmsg past the qdisc (docs/afpacket.md). */
export const afpacket = nativeImplementation('afpacket', { batch: 64, ...waitingRoom, workNs: 0, delayNs: 0 });
