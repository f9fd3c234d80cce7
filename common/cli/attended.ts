import type { Environment } from './complaint.js';

/** Whether nobody looks on, although there may be a terminal: systems of continuous integration set CI. */
export function isUnattended({ CI }: Environment): boolean {
  return ![undefined, '', '0', 'false'].includes(CI);
}
