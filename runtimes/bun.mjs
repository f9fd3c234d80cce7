// A function served with Bun.udpSocket, which takes many requests by one system call. docs/runtimes.md has what it is told and
// what it says.
import { readSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { functionTable } from '../dist/impls/functions.js';

const names = ['received', 'handled', 'replied', 'functionFailed', 'refusedSource', 'receiveFailed', 'sendFailed'];
const [received, handled, replied, functionFailed, refusedSource, receiveFailed, sendFailed] = names.keys();
const isToStop = names.length;

function printCounters(counted) {
  const now = counted.slice(); // The other thread goes on counting while this one makes a line of them.
  writeSync(1, `${names.map((name, index) => `${name}=${now[index]}`).join(' ')}\n`);
}

async function serve() {
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
  const counted = new Float64Array(new SharedArrayBuffer(8 * (names.length + 1)));

  function data(socket, request, port, address) {
    counted[received]++;
    if (port < 1024 || refused.has(port)) counted[refusedSource]++;
    else answer(socket, request, port, address);
    if (counted[isToStop]) stop();
  }

  function answer(socket, request, port, address) {
    let reply;
    try {
      reply = run(request);
    } catch {
      counted[functionFailed]++;
      return;
    }
    counted[handled]++;
    try {
      if (socket.send(reply, port, address)) counted[replied]++;
      else counted[sendFailed]++;
    } catch {
      counted[sendFailed]++;
    }
  }

  function stop() {
    printCounters(counted);
    process.exit(0);
  }

  await Bun.udpSocket({
    hostname: values.address,
    port: Number(values.port),
    socket: { data, error: () => counted[receiveFailed]++ },
  });
  new Worker(new URL(import.meta.url), { workerData: counted }).on('exit', stop);
  writeSync(1, 'ready\n');
}

/**
 * Obeys what is asked while the other thread serves: Bun looks at nothing else until it has emptied the socket
 * (what oven-sh/bun#37103 would end), which it never does while requests come faster than it answers.
 */
function obey(counted) {
  const bytes = Buffer.alloc(4096);
  for (let text = ''; ; ) {
    const length = readSync(0, bytes);
    if (length === 0) return;
    const lines = (text + bytes.toString('utf8', 0, length)).split('\n');
    text = lines.pop();
    for (const line of lines) {
      if (line === 'stop') return;
      if (line === 'count') printCounters(counted);
    }
  }
}

if (isMainThread) await serve();
else {
  obey(workerData);
  // The main thread sees it at its next request; where none comes, it hears that this one has ended.
  workerData[isToStop] = 1;
}
