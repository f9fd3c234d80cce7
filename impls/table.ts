import type { ImplementationId } from '../model/ids.js';
import { forRuntimes } from '../model/runtimes.js';
import { afpacket } from './afpacket.js';
import { afxdp } from './afxdp.js';
import { dgram } from './dgram.js';
import { dpdkImplementation } from './dpdk.js';
import type { Implementation } from './invoker.js';
import { iouring } from './iouring.js';
import { programImplementation } from './program.js';
import { recvfrom } from './recvfrom.js';
import { recvmmsg } from './recvmmsg.js';
import { tc } from './tc.js';
import { xdp } from './xdp.js';

/** Every implementation by its id. */
export const implementations: Record<ImplementationId, Implementation> = {
  dgram,
  recvfrom,
  recvmmsg,
  iouring,
  afpacket,
  afxdp,
  tc,
  xdp,
  dpdk: dpdkImplementation('dpdk'),
  'dpdk-packet': dpdkImplementation('dpdk-packet'),
  ...forRuntimes(programImplementation),
};
