import { count } from '../common/cli/text.js';
import type { MatrixPoint } from '../model/cell.js';
import { dpdkIds, type FunctionId, functionIds, type ImplementationId } from '../model/ids.js';
import { forRuntimes } from '../model/runtimes.js';
import { type IdleMode, type ImplementationSettings, idleModes, type Variant } from '../model/settings.js';

/** What an implementation offers beyond its settings. */
export interface Abilities {
  /**
   * Where it takes a packet: `xdp` by a program in the driver or right behind it, `packet` and `tc` where the kernel has made a
   * socket buffer of it, `socket` at the end of the kernel's UDP. All but `socket` are bound to an interface.
   */
  receives: 'xdp' | 'packet' | 'tc' | 'socket';
  /**
   * Threads of a function: only `one`, a `fixed` number, or one that may be `scaled` while it runs; `none` where the
   * receive context of each queue stands for one.
   */
  threads: 'none' | 'one' | 'fixed' | 'scaled';
  functions: readonly FunctionId[];
  /** The ways to wait for requests that it lets choose from, if it does. */
  idle: readonly IdleMode[];
  settings: readonly (keyof ImplementationSettings)[];
}

/** Of all that run a function in user space. */
const common = ['depthPackets', 'workNs', 'delayNs'] as const;
/** Of the sockets in C++. */
const buffered = [...common, 'socketBufferBytes', 'busyPollUs'] as const;
const sleepOrSpin = ['spin', 'poll'] as const;

/** Of a program of runtimes/: its socket is bound for it, or by itself, and what it does then is its own. */
const ofRuntime: Abilities = {
  ...{ receives: 'socket', threads: 'one', functions: ['reverse', 'echo', 'expand', 'upper'], idle: [] },
  settings: ['depthPackets', 'socketBufferBytes'],
};

export const abilities: Record<ImplementationId, Abilities> = {
  dgram: {
    ...{ receives: 'socket', threads: 'fixed', functions: functionIds, idle: [] },
    settings: [...common, 'socketBufferBytes', 'steering'],
  },
  recvfrom: { receives: 'socket', threads: 'one', functions: functionIds, idle: sleepOrSpin, settings: buffered },
  recvmmsg: {
    ...{ receives: 'socket', threads: 'scaled', functions: functionIds, idle: sleepOrSpin },
    settings: ['batch', ...buffered, 'steering', 'gro'],
  },
  iouring: {
    ...{ receives: 'socket', threads: 'fixed', functions: functionIds, idle: sleepOrSpin },
    settings: ['batch', ...buffered, 'steering'],
  },
  afpacket: {
    ...{ receives: 'packet', threads: 'scaled', functions: functionIds, idle: sleepOrSpin },
    settings: ['batch', ...common],
  },
  afxdp: {
    ...{ receives: 'xdp', threads: 'scaled', functions: functionIds, idle: idleModes },
    settings: [
      ...(['batch', ...common, 'busyPollUs', 'ringSize', 'frameSize', 'attach', 'copyMode', 'checksum'] as const),
      ...(['hugePages', 'txBudget', 'loop'] as const),
    ],
  },
  tc: { receives: 'tc', threads: 'none', functions: ['reverse', 'echo'], idle: [], settings: ['workNs'] },
  xdp: { receives: 'xdp', threads: 'none', functions: ['reverse', 'echo'], idle: [], settings: ['attach', 'workNs'] },
  dpdk: {
    ...{ receives: 'xdp', threads: 'one', functions: functionIds, idle: [] },
    settings: ['workNs', 'delayNs', 'dpdkVdev'],
  },
  'dpdk-packet': {
    ...{ receives: 'packet', threads: 'one', functions: functionIds, idle: [] },
    settings: ['workNs', 'delayNs'],
  },
  ...forRuntimes(() => ofRuntime),
};

const restless: readonly ImplementationId[] = dpdkIds;

/** How an implementation waits where it is not told: all alike, as a wake-up is not to be compared with none, if it can sleep. */
export const waitsOf = (id: ImplementationId): IdleMode => (restless.includes(id) ? 'spin' : 'poll');

/** Why an implementation does not have a function, or null if it does. */
export function cannotRun(id: ImplementationId, functionId: FunctionId): string | null {
  const { functions, threads } = abilities[id];
  if (functions.includes(functionId)) return null;
  return threads === 'none' ? `${functionId} is not available inside eBPF` : `${id} does not have ${functionId}`;
}

/**
 * The part of a variant that an implementation has: settings and ways to wait that it lacks leave it as it is. Host and
 * interface are set for all alike.
 */
export function variantOf(id: ImplementationId, { idle, settings, tuning }: Variant): Variant {
  const own = Object.entries(settings).filter(([key]) => abilities[id].settings.some((name) => name === key));
  return {
    idle: idle !== null && abilities[id].idle.includes(idle) ? idle : null,
    settings: Object.fromEntries(own),
    tuning,
  };
}

/** Why an implementation cannot serve a function with so many threads in all on so many queues, or null if it can. */
export function cannotSpread(id: ImplementationId, { threads, queues }: MatrixPoint): string | null {
  if (abilities[id].threads === 'one' && threads > 1) return `${id} has one thread a function, not ${threads}`;
  if (abilities[id].threads === 'none' && threads !== queues)
    return `${id} has no threads of its own: it runs in the receive context of each queue, so threads and queues are the same`;
  return null;
}

/** Why an implementation cannot do what is asked, on an interface of so many RX queues, whatever the host; null if it can. */
export function cannot(
  id: ImplementationId,
  asked: MatrixPoint & { functionId: FunctionId; wireQueues: number },
): string | null {
  return cannotRun(id, asked.functionId) ?? cannotSpread(id, asked) ?? cannotCover(id, asked);
}

/** XDP takes what comes in on its own queues, and where there are no threads each queue is as good as one. */
function cannotCover(id: ImplementationId, { queues, wireQueues }: { queues: number; wireQueues: number }) {
  const { receives, threads } = abilities[id];
  if ((receives !== 'xdp' && threads !== 'none') || queues === wireQueues) return null;
  return `${id} serves each RX queue by itself: ${count(wireQueues, 'channel')} and ${count(queues, 'queue')} must be the same`;
}

/** Why the threads a queue of an implementation cannot become so many, or null if they can. */
export function cannotScale(id: ImplementationId, threadsPerQueue: number, most: number): string | null {
  if (abilities[id].threads !== 'scaled') return `${id} has a fixed number of threads`;
  if (threadsPerQueue < 1) return 'a function keeps at least 1 thread a queue';
  if (threadsPerQueue > most) return `at most ${count(most, 'thread')} a queue (see --max-threads)`;
  return null;
}
