// A function served with Bun.udpSocket, which takes many requests by one system call. docs/runtimes.md has what it is told and
// what it says.
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { functionTable } from '../dist/impls/functions.js';

const { values } = parseArgs({
  strict: false,
  options: {
    function: { type: 'string' },
    refuse: { type: 'string' },
    address: { type: 'string' },
    port: { type: 'string' },
  },
});
const { run } = functionTable[values.function];
const refused = new Set(values.refuse.split(',').map(Number));
const counted = {
  ...{ received: 0, handled: 0, replied: 0, functionFailed: 0, refusedSource: 0, receiveFailed: 0, sendFailed: 0 },
};

function data(socket, request, port, address) {
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
  try {
    if (socket.send(reply, port, address)) counted.replied++;
    else counted.sendFailed++;
  } catch {
    counted.sendFailed++;
  }
}

const socket = await Bun.udpSocket({
  hostname: values.address,
  port: Number(values.port),
  socket: { data, error: () => counted.receiveFailed++ },
});

function printCounters() {
  const parts = Object.entries(counted).map(([name, value]) => `${name}=${value}`);
  process.stdout.write(`${parts.join(' ')}\n`);
}

function stop() {
  socket.close();
  printCounters();
  process.exit(0);
}

process.stdout.write('ready\n');
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => (line === 'count' ? printCounters() : lines.close()));
lines.on('close', stop);
