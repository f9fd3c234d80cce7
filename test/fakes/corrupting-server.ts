import { join } from 'node:path';
import { packageRoot } from '../../common/process/paths.js';

/**
 * Node code of a server that reverses, but spoils the last byte (a stamp byte) of every `spoilEvery`-th reply; prints
 * how many it spoiled at the end of its input.
 */
export function corruptingServer(interfaceName: string, port: number, spoilEvery: number): string {
  return `
import { createSocket } from 'node:dgram';
import { PassProgram } from ${JSON.stringify(join(packageRoot(), 'dist/native/index.js'))};
const pass = new PassProgram(${JSON.stringify(interfaceName)});
const socket = createSocket('udp4');
let replies = 0;
let spoiled = 0;
socket.on('message', (request, { port, address }) => {
  request.reverse();
  // The first ones are the probe's.
  if (++replies > 5 && replies % ${spoilEvery} === 0) {
    request[request.length - 1] = 0xff;
    spoiled++;
  }
  socket.send(request, port, address);
});
socket.bind(${port}, () => console.log('ready'));
process.stdin.on('end', () => {
  console.log('spoiled ' + spoiled);
  pass.close();
  process.exit(0);
}).resume();
`;
}
