import { nativeImplementation } from './native.js';

/** The ceiling: the function inside the XDP program, replies back by XDP_TX (docs/xdp.md). Echo and reverse only. */
export const xdp = nativeImplementation('xdp', { attach: 'native', workNs: 0 });
