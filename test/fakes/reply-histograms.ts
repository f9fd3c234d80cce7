import { anyPacedLoad } from './paced-load.js';

/**
 * Node code that starts a generator and prints how many histograms its counting program has. Arguments: the root of the
 * package, the interface, and `count` where times do.
 */
export const replyHistograms = `
import { existsSync, readdirSync, readFileSync } from 'node:fs';
const [root, name, times] = process.argv.slice(1);
const buckets = 27 << 10;
const { PacedLoad } = await import(root + '/dist/native/index.js');
const address = new Uint8Array(4), mac = new Uint8Array(6);
const load = new PacedLoad('live', {
  interface: name,
  sourceMac: mac,
  destinationMac: mac,
  sourceAddress: address,
  destinationAddress: address,
  firstSourcePort: 16384,
${anyPacedLoad}
  replies: 'kernel',
  timed: times === 'count',
});
for (const fd of readdirSync('/proc/self/fdinfo')) {
  const info = existsSync('/proc/self/fdinfo/' + fd) ? readFileSync('/proc/self/fdinfo/' + fd, 'utf8') : '';
  if (info.includes('value_size:\\t' + 8 * buckets)) console.log(/max_entries:\\s*(\\d+)/.exec(info)[1]);
}
load.stop();
`;
