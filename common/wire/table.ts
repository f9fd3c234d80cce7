import type { TopologyId } from '../../model/ids.js';
import type { TopologyKind } from './topology.js';
import { veth } from './veth.js';

/** Every topology by its id. */
export const topologies: Record<TopologyId, TopologyKind> = { veth };
