import { anyPacedLoad } from './paced-load.js';

/**
 * Node code of a client that sends requests from UDP port 0 to port 1232 for a tenth of a second, by AF_XDP, as no socket
 * would. Arguments: the root of the package, and the ends of the wire [client, server] as JSON. Prints how many it sent.
 */
export const portZeroClient = `
const [root, ends] = process.argv.slice(1);
const [client, server] = JSON.parse(ends);
const { PacedLoad } = await import(root + '/dist/native/index.js');
const { addressBytes, macBytes } = await import(root + '/dist/loadgen/engines/bytes.js');
const load = new PacedLoad('afxdp', {
  interface: client.interface,
  sourceMac: macBytes(client.mac),
  destinationMac: macBytes(server.mac),
  sourceAddress: addressBytes(client.address),
  destinationAddress: addressBytes(server.address),
  firstSourcePort: 0,
${anyPacedLoad}
  replies: 'own',
  timed: true,
});
load.setRate(500);
await new Promise((resolve) => setTimeout(resolve, 100));
load.setRate(0);
await new Promise((resolve) => setTimeout(resolve, 50));
console.log(load.counters().sent);
load.stop();
`;
