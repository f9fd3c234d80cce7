import { release } from 'node:os';

/** Whether this kernel is that version of Linux or a later one: a guest may be an older one. */
export function kernelIsAtLeast(major: number, minor: number): boolean {
  const [runningMajor = 0, runningMinor = 0] = release().split('.').map(Number.parseFloat);
  return runningMajor > major || (runningMajor === major && runningMinor >= minor);
}
