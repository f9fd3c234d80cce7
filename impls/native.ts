import { Invoker, type NativeImplementationId } from '../native/index.js';
import type { Implementation, RunningInvoker } from './invoker.js';
import { resolveSettings } from './settings.js';

/** 4 bytes of an IPv4 address; zeros for all addresses. */
export function addressBytes(address: string): Uint8Array {
  return Uint8Array.from(address === '' ? [0, 0, 0, 0] : address.split('.').map(Number));
}

/** An implementation whose whole work is done in C++. */
export function nativeImplementation(id: NativeImplementationId, settings: Implementation['settings']): Implementation {
  return {
    id,
    settings,
    async start({ address, settings: asked, ...options }): Promise<RunningInvoker> {
      const invoker = new Invoker(id, {
        ...options,
        ...resolveSettings(settings, asked),
        address: addressBytes(address),
      });
      const readThreads = async () => invoker.threads();
      const read = async () => ({ threads: invoker.threads(), shared: invoker.shared() });
      return {
        granted: invoker.granted(),
        readThreads,
        read,
        scale: async (port, threadsPerQueue) => invoker.scale(port, threadsPerQueue),
        stop: () => {
          invoker.stop();
          return read();
        },
      };
    },
  };
}
