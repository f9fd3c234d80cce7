import { Invoker, type NativeImplementationId } from '../native/index.js';
import type { Implementation, RunningInvoker } from './invoker.js';
import { resolveSettings } from './settings.js';

/** An implementation whose whole work is done in C++. */
export function nativeImplementation(id: NativeImplementationId, settings: Implementation['settings']): Implementation {
  return {
    id,
    settings,
    async start({ address, settings: asked, ...options }): Promise<RunningInvoker> {
      const invoker = new Invoker(id, {
        ...options,
        ...resolveSettings(settings, asked),
        address: Uint8Array.from(address === '' ? [0, 0, 0, 0] : address.split('.').map(Number)),
      });
      const read = async () => ({ threads: invoker.threads(), shared: invoker.shared() });
      return {
        granted: invoker.granted(),
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
