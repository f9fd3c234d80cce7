import type { ImplementationId } from '../harness/model.js';
import { Invoker } from '../native/index.js';
import type { InvokerOptions, RunningInvoker } from './invoker.js';

/** Sizes of a native invoker that its own file chooses. */
export interface NativeSizes {
  batch: number;
  ringSize: number;
  frameBytes: number;
  socketBufferBytes: number;
}

/** Starts a native invoker and wraps it as a RunningInvoker. */
export async function startNative(
  kind: Exclude<ImplementationId, 'dgram'>,
  options: InvokerOptions,
  sizes: NativeSizes,
): Promise<RunningInvoker> {
  const invoker = new Invoker(kind, { ...options, ...sizes });
  return {
    granted: invoker.granted(),
    counters: async () => invoker.threads(),
    stop: async () => {
      invoker.stop();
      return { threads: invoker.threads(), shared: invoker.shared() };
    },
  };
}
