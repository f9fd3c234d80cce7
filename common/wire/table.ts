import { cards } from './nic.js';
import type { LocalTopology } from './topology.js';
import { veth } from './veth.js';

/** Those that make or move objects on this host, which may be left behind. */
export const localTopologies: readonly LocalTopology[] = [cards, veth];
