import type { Load } from './model.js';

/** Whether requests come at a rate, whatever comes back, instead of after each other's replies. */
export function isPaced(load: Load): boolean {
  return load.kind !== 'closed' && load.kind !== 'none';
}

/** Whether requests at a rate are sent for their round trips. */
export function isTimed(load: Load): boolean {
  return load.kind === 'rate' || load.kind === 'latency-under-load';
}

/** Whether a run makes many trials to find what it measures at. */
export function searches(load: Load): boolean {
  return load.kind === 'capacity' || load.kind === 'latency-under-load';
}
