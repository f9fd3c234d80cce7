import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { probe } from '../../loadgen/engines/probe.js';

const servers: Socket[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Asks a server on loopback that answers so for the echo of a payload of 158 bytes. */
async function ask(answer: (request: Buffer) => Buffer | null) {
  const socket = createSocket('udp4');
  servers.push(socket);
  socket.on('message', (request, { port, address }) => {
    const reply = answer(request);
    if (reply) socket.send(reply, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port, address } = socket.address();
  return probe({ server: { address }, port, functionId: 'echo', packetBytes: 200 });
}

describe('the probe', () => {
  it('takes one right reply for proof', async () => {
    // On a slow machine it asks again before the reply is there.
    await expect(ask((request) => request)).resolves.toMatchObject({ right: 1 });
  });

  it('goes on after a wrong reply', async () => {
    let replies = 0;
    await expect(ask((request) => (replies++ === 0 ? request.subarray(1) : request))).resolves.toMatchObject({
      sent: 2,
    });
  });

  it.each([
    ['nothing', () => null],
    ['a wrong reply of 157 bytes where 158 were expected', (request: Buffer) => request.subarray(1)],
    ['a reply of 158 bytes with other content than the function gives', (request: Buffer) => request.reverse()],
  ])('says that it heard %s', async (heard, answer) => {
    await expect(ask(answer)).rejects.toThrow(`heard ${heard} after 20 requests`);
  });
});
