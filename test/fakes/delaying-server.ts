/** Node code of a server that reverses, and holds the `held`-th reply back for `holdMs`. */
export function delayingServer(port: number, held: number, holdMs: number): string {
  return `
import { createSocket } from 'node:dgram';
const socket = createSocket('udp4');
let replies = 0;
socket.on('message', (request, { port, address }) => {
  const reply = Buffer.from(request).reverse();
  setTimeout(() => socket.send(reply, port, address), ++replies === ${held} ? ${holdMs} : 0);
});
socket.bind(${port}, () => console.log('ready'));
`;
}
