import { execa } from 'execa';
import type { Site } from '../../common/wire/topology.js';
import { patience } from './patience.js';

/** What a plain client sent and got back, as hex. */
export interface ClientExchange {
  request: string;
  reply: string | null;
}

/** Node code of a client with an ordinary socket: sends each payload, waits for its reply, prints both. */
const clientCode = `
const { createSocket } = require('node:dgram');
const [address, port, silenceMs, payloads] = process.argv.slice(1);
const socket = createSocket('udp4');
const exchange = (request) => new Promise((resolve) => {
  const timer = setTimeout(resolve, Number(silenceMs), null);
  socket.once('message', (reply) => { clearTimeout(timer); resolve(reply); });
  socket.send(request, Number(port), address);
});
(async () => {
  const results = [];
  for (const hex of JSON.parse(payloads)) {
    const reply = await exchange(Buffer.from(hex, 'hex'));
    results.push({ request: hex, reply: reply === null ? null : reply.toString('hex') });
  }
  console.log(JSON.stringify(results));
  socket.close();
})();
`;

/** Sends payloads (hex) one after the other from `from` to a port of `to`. */
export async function exchangeAll(from: Site, to: Site, port: number, payloads: string[]): Promise<ClientExchange[]> {
  const [file = '', ...args] = [...from.enter, process.execPath, '-e', clientCode];
  const { stdout } = await execa(file, [
    ...args,
    '--',
    to.address,
    String(port),
    String(patience(1000)),
    JSON.stringify(payloads),
  ]);
  return JSON.parse(stdout) as ClientExchange[];
}
