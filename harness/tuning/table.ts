import type { TuningKey } from '../../model/tuning.js';
import type { Entry } from './entry.js';
import { ethtoolEntries } from './ethtool.js';
import { fileEntries } from './files.js';
import { heldEntries } from './held.js';
import { irqAffinity } from './interrupts.js';

/** How every setting of host and interface is made. */
export const entries: Record<TuningKey, Entry> = { ...heldEntries, ...fileEntries, ...ethtoolEntries, irqAffinity };
