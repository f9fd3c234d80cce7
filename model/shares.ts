/** How a load is divided among several clients. */

import type { Load } from './cell.js';

/** Parts that add up to an amount: whole numbers, the remainder spread over the first ones; a fraction goes to the first. */
export function sharesOf(amount: number, parts: number): number[] {
  const whole = Math.floor(amount);
  const base = Math.floor(whole / parts);
  const rest = whole - base * parts;
  return Array.from({ length: parts }, (_, index) => {
    return base + (index < rest ? 1 : 0) + (index === 0 ? amount - whole : 0);
  });
}

/** What each of so many clients has of a load. The rate of one that searches it is divided whenever it is set. */
export function loadShares(load: Load, parts: number): Load[] {
  switch (load.kind) {
    case 'rate':
      return sharesOf(load.perSecond, parts).map((perSecond) => ({ kind: 'rate', perSecond }));
    case 'closed':
      return sharesOf(load.connections, parts).map((connections) => ({ kind: 'closed', connections }));
    default:
      return Array.from({ length: parts }, () => load);
  }
}
