// A program as docs/runtimes.md has it, on the socket that it is given, but for the fault that its first argument names.
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';

const fault = process.argv[2];
const say = (text) => process.stdout.write(`${text}\n`);
const socket = createSocket('udp4');
let received = 0;
socket.on('message', (request, { port, address }) => {
  received++;
  socket.send(request, port, address);
});

function answer(line) {
  if (fault === 'stays' && line === 'stop') return;
  if (fault === 'leaves-without-counters' && line === 'stop') process.exit(0);
  if (fault === 'dies-when-asked') process.exit(3);
  say(fault === 'counts-rubbish' ? 'received=many' : `received=${received} handled=${received} replied=${received}`);
  if (line === 'stop') process.exit(fault === 'ends-badly' ? 4 : 0);
}

if (fault === 'dies-at-start') {
  process.stderr.write('no luck today\n');
  process.exit(3);
}
if (fault === 'greets') say('Hello, world');
const serve = () => {
  say('ready');
  if (fault === 'chats') say('served a request');
};
if (fault === 'binds-nothing') serve();
else socket.bind({ fd: 3 }, serve);
const lines = createInterface({ input: process.stdin });
lines.on('line', answer);
if (fault === 'stays') {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {});
  setInterval(() => {}, 1000);
} else lines.on('close', () => process.exit(0));
