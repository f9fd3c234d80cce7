import type { TopologyKind } from '../../common/wire/topology.js';
import { veth } from '../../common/wire/veth.js';
import { type MeasuredHost, readHost } from './host-reading.js';

/** What cells run on: a wire, and the hosts at its ends. */
export interface Testbed {
  topology: TopologyKind;
  /** Each host once. */
  hosts: readonly MeasuredHost[];
}

/** Both ends of a virtual wire on this machine. */
export const vethTestbed: Testbed = {
  topology: veth,
  hosts: [{ side: 'one', read: async (children) => readHost(children) }],
};
