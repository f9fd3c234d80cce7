import type { InvokerOptions } from '../../impls/invoker.js';
import { resolveSettings } from '../../impls/settings.js';
import { stampBytes } from '../../model/frame.js';
import type { FunctionId } from '../../model/ids.js';
import type { Service } from '../../model/settings.js';
import { anyCpu, type NativeInvoker, type NativeInvokerConfig } from '../../native/index.js';

/** One function on one port. */
export const serviceOn = (port: number, functionId: FunctionId = 'reverse', threadsPerQueue = 1): Service => ({
  port,
  functionId,
  threadsPerQueue,
});

/** Options of an implementation on the loopback, one thread a service and queue, not pinned. */
export function optionsOnLoopback(services: Service[], changes: Partial<InvokerOptions> = {}): InvokerOptions {
  const threads = services.reduce((sum, { threadsPerQueue }) => sum + threadsPerQueue, 0);
  return {
    interface: 'lo',
    address: '',
    services,
    queues: 1,
    servedRxQueues: 0,
    cpus: new Array<number>(threads).fill(anyCpu),
    maxThreadsPerQueue: Math.max(...services.map(({ threadsPerQueue }) => threadsPerQueue)),
    idle: 'poll',
    workSteps: 0,
    settings: {},
    ...changes,
  };
}

/** The same, resolved for the addon. */
export function configOnLoopback(services: Service[], changes: Partial<NativeInvokerConfig> = {}): NativeInvokerConfig {
  const { settings, ...options } = optionsOnLoopback(services);
  const sizes = { batch: 8, depthPackets: 256, ringSize: 2048, frameSize: 2048 };
  return { ...options, ...resolveSettings(sizes, settings), address: new Uint8Array(4), ...changes };
}

/** A counter summed over the threads; to be read when the invoker has stopped. */
export const totalOf = (invoker: NativeInvoker, name: string) =>
  invoker.threads().reduce((sum, { counters }) => sum + (counters[name] ?? 0), 0);

/** Those of some sizes that a function answers: two of them fail on what is shorter than a stamp. */
export function answeredSizes(functionId: FunctionId, sizes: readonly number[]): number[] {
  const least = functionId === 'sha256' || functionId === 'lookup' ? stampBytes : 0;
  return sizes.filter((size) => size >= least);
}
