import type { TopologyKind } from './topology.js';
import { veth } from './veth.js';

/** Those that make objects on this host, which may be left behind. */
export const localTopologies: readonly TopologyKind[] = [veth];
