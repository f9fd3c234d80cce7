// A function served with node:dgram. docs/runtimes.md has what it is told and what it says.
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { functionTable } from '../dist/impls/functions.js';

/** How long a stop waits for replies that the kernel could not take at once. */
const drainMs = 500;

const { values } = parseArgs({ strict: false, options: { function: { type: 'string' }, refuse: { type: 'string' } } });
const { run } = functionTable[values.function];
const refused = new Set(values.refuse.split(',').map(Number));
const counted = { received: 0, handled: 0, functionFailed: 0, refusedSource: 0, receiveFailed: 0, sendFailed: 0 };
// Only of replies that may be too long for the interface Node is asked to tell of a failure: it costs a callback.
const onSent = (error) => {
  if (error) counted.sendFailed++;
};
const isTold = values.function === 'expand' ? onSent : undefined;

// Replies go to addresses that are numbers already: looking them up would cost a tick each.
const socket = createSocket({ type: 'udp4', lookup: (host, _options, callback) => callback(null, host, 4) });
// What the kernel has no room for waits in Node: as much again, and no more.
let longestQueueBytes = Number.POSITIVE_INFINITY;

function serve(request, { port, address }) {
  counted.received++;
  if (port < 1024 || refused.has(port)) {
    counted.refusedSource++;
    return;
  }
  let reply;
  try {
    reply = run(request);
  } catch {
    counted.functionFailed++;
    return;
  }
  counted.handled++;
  if (socket.getSendQueueSize() > longestQueueBytes) counted.sendFailed++;
  else socket.send(reply, 0, reply.length, port, address, isTold);
}

function printCounters(waiting = socket.getSendQueueCount()) {
  const replied = counted.handled - counted.sendFailed - waiting;
  const parts = Object.entries({ ...counted, replied }).map(([name, value]) => `${name}=${value}`);
  process.stdout.write(`${parts.join(' ')}\n`);
}

async function stop() {
  socket.off('message', serve);
  for (const untilMs = performance.now() + drainMs; socket.getSendQueueCount() > 0 && performance.now() < untilMs; )
    await sleep(10);
  counted.sendFailed += socket.getSendQueueCount();
  printCounters(0);
  socket.close();
  process.exit(0);
}

socket.on('message', serve);
socket.on('error', () => counted.receiveFailed++);
socket.on('listening', () => {
  longestQueueBytes = socket.getSendBufferSize();
  process.stdout.write('ready\n');
});
socket.bind({ fd: 3, exclusive: true });

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => (line === 'count' ? printCounters() : lines.close()));
lines.on('close', stop);
