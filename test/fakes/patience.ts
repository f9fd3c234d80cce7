/**
 * How many times slower than a machine of its own this one is, as told by LAB_SLOW: guests without hardware virtualization are
 * slow. Stretches how long tests wait and lowers the rates that they offer; what they assert stays.
 */
export const slow = Number(process.env.LAB_SLOW ?? 1);

/** How long to wait for what takes up to `ms` on a machine of its own. */
export const patience = (ms: number) => ms * slow;

/** The rate to offer where a machine of its own is offered `perSecond`. */
export const offered = (perSecond: number) => Math.max(1, Math.round(perSecond / slow));
