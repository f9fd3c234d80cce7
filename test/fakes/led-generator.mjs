// A generator that another process leads, as that one hears it: counts as many requests as it is asked for. Its context:
// { clockNs, dies: 'never' or the question at which it does }.
import { createInterface } from 'node:readline';

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const counters = { sent: 0, replied: 0, rate: 0, hiccupMaxNs: process.pid };
let context = null;

function windowOf({ phase, offeredPerSecond, durationNs }) {
  const sent = Math.round(((offeredPerSecond ?? counters.rate) * durationNs) / 1e9);
  counters.sent += sent;
  counters.replied += sent;
  const counted = { offered: sent, sent, replied: sent, checked: sent, wrong: 0 };
  return { phase, offeredPerSecond, beginNs: context.clockNs, endNs: context.clockNs + durationNs, ...counted };
}

function answerTo(question) {
  switch (question.ask) {
    case 'rate':
      counters.rate = question.perSecond;
      return null;
    case 'watch':
      return { window: windowOf(question), awayNs: 0 };
    case 'piece': {
      const window = windowOf({ phase: 'search', offeredPerSecond: question.perSecond, durationNs: 250e6 });
      return { window, sent: window.sent, replied: window.sent, wrong: 0, backlog: 0, leftOut: 0, awayNs: 0 };
    }
    case 'collect':
      return { sent: counters.sent, histogram: [[1000, counters.sent]] };
    default:
      return null;
  }
}

function hear({ type, question }) {
  if (type === 'start') say({ type: 'prepared' });
  if (type === 'stop') {
    const totals = { generator: counters, kernel: {}, histogram: [], capacity: null, levels: [], clients: [] };
    say({ type: 'done', totals });
    process.exit(0);
  }
  if (type !== 'ask') return;
  if (question.ask === context.dies) process.exit(7);
  say({ type: 'answer', answer: answerTo(question) });
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (context === null) {
      context = JSON.parse(line);
      say({ type: 'ready', pids: [process.pid] });
    } else hear(JSON.parse(line));
  })
  .on('close', () => process.exit(1));
