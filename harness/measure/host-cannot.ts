import type { RunError } from '../../model/record.js';

const operationNotPermitted = 1;
const invalidArgument = 22;
const noSuchCall = 38;
const operationNotSupported = 95;
const addressFamilyNotSupported = 97;

/**
 * The kernels that know the flags of these calls. An older one answers EINVAL, as any does to a mistake of ours: only
 * of the older one it says what the host cannot.
 */
const since: Record<string, [major: number, minor: number]> = { LIVE_FRAMES: [5, 18], IO_URING: [6, 1] };

/** The reason to skip a cell whose host lacks what it needs, or null if the error is a failure. `kernel`: `6.8.0-45`. */
export function whyHostCannot({ code, errno, message }: RunError, kernel: string): string | null {
  const cannot =
    (code === 'XDP_SOCKET' && errno === addressFamilyNotSupported) ||
    (['XDP_ATTACH', 'LIVE_FRAMES'].includes(code) && errno === operationNotSupported) ||
    (code === 'IO_URING' && errno === noSuchCall) ||
    (errno === invalidArgument && isOlder(kernel, since[code])) ||
    (['XDP_SOCKET', 'XDP_ATTACH', 'BPF_LOAD', 'TOPOLOGY', 'IO_URING'].includes(code) &&
      errno === operationNotPermitted);
  return cannot ? message : null;
}

function isOlder(kernel: string, than: [number, number] | undefined): boolean {
  const match = /^(\d+)\.(\d+)/.exec(kernel);
  if (match === null || than === undefined) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major < than[0] || (major === than[0] && minor < than[1]);
}
