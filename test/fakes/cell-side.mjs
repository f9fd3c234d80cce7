// Either process of a cell, as the harness hears it: `node cell-side.mjs ROLE ...`, ROLE being invoker, generator or dies.
import { createInterface } from 'node:readline';

const role = process.argv[2];
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const clock = () => Number(process.hrtime.bigint());

const kernel = { rx_queue_1_xdp_packets: 3, rx_queue_1_xdp_drops: 1, rx_queue_0_xdp_packets: 7, rx_packets: 10 };

function answer({ type }) {
  if (type === 'stop') say({ type: 'stopped', totals: { threads: [{ handled: 10 }], shared: {}, kernel } });
  if (type !== 'start') return;
  const beginNs = clock();
  say({ type: 'phase', phase: 'measure' });
  const counted = { offered: 10, sent: 10, replied: 10, checked: 10, wrong: 0, hiccupCount: 2, hiccupTotalNs: 5 };
  setTimeout(() => {
    const window = { phase: 'measure', offeredPerSecond: null, beginNs, endNs: clock(), ...counted };
    say({ type: 'window', window });
    say({
      type: 'done',
      totals: { generator: counted, kernel: {}, histogram: [], capacity: null, levels: [], clients: [] },
    });
  }, 10);
}

let isContext = true;
createInterface({ input: process.stdin }).on('line', (line) => {
  if (isContext) {
    isContext = false;
    if (role === 'dies') process.exit(7);
    say({ type: 'ready', granted: {}, pid: process.pid, pids: [process.pid] });
  } else answer(JSON.parse(line));
});
