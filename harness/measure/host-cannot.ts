import type { NativeErrorCode } from '../../model/error-codes.js';
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
export const since: { [Code in NativeErrorCode]?: [major: number, minor: number] } = {
  LIVE_FRAMES: [5, 18],
  IO_URING: [6, 1],
};

/** What a host that lacks something answers: the code of the error and its errno. */
const lacking: readonly (readonly [NativeErrorCode | 'TOPOLOGY', readonly number[]])[] = [
  ['XDP_SOCKET', [addressFamilyNotSupported, operationNotPermitted]],
  ['PACKET_SOCKET', [addressFamilyNotSupported, operationNotPermitted]],
  ['TC_ATTACH', [operationNotSupported, operationNotPermitted]],
  ['XDP_ATTACH', [operationNotSupported, operationNotPermitted]],
  ['LIVE_FRAMES', [operationNotSupported, operationNotPermitted]],
  ['IO_URING', [noSuchCall, operationNotPermitted]],
  ['XDP_ZEROCOPY', [operationNotPermitted, invalidArgument, operationNotSupported]],
  ['CHECKSUM', [operationNotSupported]],
  ['SHARED_RING', [operationNotSupported]],
  ['BPF_LOAD', [operationNotPermitted]],
  ['TOPOLOGY', [operationNotPermitted]],
];

/** Releases of the hosts of a cell, `6.8.0-45`. */
export interface Kernels {
  server: string;
  clients: string[];
}

/** What the load generator calls; all else is the invoker's. */
const ofClient: readonly string[] = ['LIVE_FRAMES'];

/** The reason to skip a cell whose host lacks what it needs, or null if the error is a failure. */
export function whyHostCannot({ code, errno, message }: RunError, kernels: Kernels): string | null {
  const asked = ofClient.includes(code) ? kernels.clients : [kernels.server];
  const cannot =
    code === 'TUNING_REFUSED' ||
    code === 'QUEUES' ||
    code === 'TOOLCHAIN' ||
    lacking.some(([lack, numbers]) => lack === code && errno !== undefined && numbers.includes(errno)) ||
    (errno === invalidArgument && asked.some((kernel) => isOlder(kernel, since[code as NativeErrorCode])));
  return cannot ? message : null;
}

/** Whether a release (`6.8.0-45`) is before a version of Linux; false if it is none. */
export function isOlder(kernel: string, than: [number, number] | undefined): boolean {
  const match = /^(\d+)\.(\d+)/.exec(kernel);
  if (match === null || than === undefined) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major < than[0] || (major === than[0] && minor < than[1]);
}
