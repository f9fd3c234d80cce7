/**
 * Node code of a server that reverses payloads and replies `delayMs` after each request, to the third of them 5 times at
 * once. Prints a line when it is ready; ends with its input.
 */
export const duplicatingServer = (port: number, delayMs: number) => `
const socket = require('node:dgram').createSocket('udp4');
let requests = 0;
socket.on('message', (request, peer) => {
  const copies = ++requests === 3 ? 5 : 1;
  setTimeout(() => {
    for (let i = 0; i < copies; i++) socket.send(Buffer.from(request).reverse(), peer.port, peer.address);
  }, ${delayMs});
});
socket.bind(${port}, () => console.log('ready'));
process.stdin.on('end', () => process.exit(0)).resume();
`;
