import type { Load } from './model.js';

/** Whether requests come at a rate, whatever comes back, instead of after each other's replies. */
export function isPaced(load: Load): boolean {
  return load.kind !== 'closed' && load.kind !== 'none';
}
