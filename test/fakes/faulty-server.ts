/** What the server did wrong. */
export interface Faults {
  corrupted: number;
  duplicated: number;
  dropped: number;
  delayed: number;
}

/**
 * Node code of a server that reverses payloads and after `clean` requests spoils one byte of one reply in 10,000, sends
 * one in 100 twice, one in 100 not at all and one in 100 after `delayMs`. Prints a line when it listens, and its Faults
 * as JSON at the end of its input.
 */
export function faultyServer(port: number, clean: number, delayMs: number): string {
  return `
const { createSocket } = require('node:dgram');
const faults = { corrupted: 0, duplicated: 0, dropped: 0, delayed: 0 };
let count = -${clean};
const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 22 });
socket.on('message', (message, { port, address }) => {
  const reply = message.reverse();
  const send = () => socket.send(reply, port, address);
  const n = ++count;
  if (n <= 0) return send();
  if (n % 10000 === 0) {
    faults.corrupted++;
    reply[(n / 10000 * 7919) % reply.length] ^= 1 + (n / 10000) % 255;
    return send();
  }
  switch (n % 100) {
    case 1:
      faults.duplicated++;
      send();
      return send();
    case 2:
      faults.dropped++;
      return;
    case 3:
      faults.delayed++;
      return setTimeout(send, ${delayMs});
    default:
      return send();
  }
});
socket.bind(${port}, () => console.log('listens'));
process.stdin.resume().on('end', () => {
  console.log(JSON.stringify(faults));
  process.exit();
});
`;
}
