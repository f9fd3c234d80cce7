/**
 * Node code of a server that reverses payloads and replies at once, but to the first request of the second client only
 * after `delayMs`. Prints a line when it is ready; ends with its input.
 */
export const hesitantServer = (port: number, delayMs: number) => `
const socket = require('node:dgram').createSocket('udp4');
const clients = new Set();
socket.on('message', (request, peer) => {
  const isNew = clients.size !== clients.add(peer.port).size;
  const reply = () => socket.send(Buffer.from(request).reverse(), peer.port, peer.address);
  if (isNew && clients.size === 2) setTimeout(reply, ${delayMs});
  else reply();
});
socket.bind(${port}, () => console.log('ready'));
process.stdin.on('end', () => process.exit(0)).resume();
`;
