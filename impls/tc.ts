import { removeLeftFilters } from '../common/wire/filters.js';
import type { Implementation } from './invoker.js';
import { nativeImplementation } from './native.js';

const native = nativeImplementation('tc', { workNs: 0 });

/** The function in a program at the ingress of any interface, replies by its egress (docs/tc.md). Echo and reverse only. */
export const tc: Implementation = {
  ...native,
  async start(options) {
    // A filter outlives its process: that of a dead one would be in the way.
    await removeLeftFilters();
    return await native.start(options);
  },
};
