import type { ImplementationSettings } from '../model/settings.js';
import { datagramsIn } from '../native/index.js';

/** What a socket was granted of the room that was asked for requests that wait. `receiveBufferBytes`: as the kernel counts it. */
export function grantedRoom(
  receiveBufferBytes: number,
  { socketBufferBytes, depthPackets }: Pick<ImplementationSettings, 'socketBufferBytes' | 'depthPackets'>,
): Record<string, string> {
  const granted = datagramsIn(receiveBufferBytes);
  const asked = socketBufferBytes ? datagramsIn(2 * socketBufferBytes) : depthPackets;
  return {
    depthPackets: String(granted),
    ...(granted < asked ? { depthAsked: String(asked) } : {}),
    receiveBufferBytes: String(receiveBufferBytes),
  };
}
