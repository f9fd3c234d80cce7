// Holds a lock until the end of its input, or until it is killed: `node lock-holder.mjs NAME`.
import { createServer } from 'node:net';

const self = { pid: process.pid, since: '2026-11-29T10:31:07.000Z', command: 'npm run bench -- --sizes 200' };
const server = createServer((socket) => socket.on('error', () => {}).write(`${JSON.stringify(self)}\n`));
server.on('error', (error) => process.stdout.write(`${error.code}\n`));
server.listen(`\0${process.argv[2]}`, () => process.stdout.write('held\n'));
process.stdin.resume().on('end', () => process.exit(0));
