import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { release } from 'node:os';
import { createInterface } from 'node:readline';
import { ReadStream, WriteStream } from 'node:tty';

/**
 * Runs in a guest: starts what the host asks for over a serial line. A line is a JSON object either way: from the host
 * {id, run}, {id, tell} or {id, signal}; to it {release} once, then {id, out}, {id, err} and {id, code, signal} at the end.
 */
const [, , line] = process.argv;
const toHost = new WriteStream(openSync(line, 'r+'));
const say = (message) => toHost.write(`${JSON.stringify(message)}\n`);
const running = new Map();

function run(id, command) {
  // A group of its own, so that a signal reaches what the shell started, too.
  const child = spawn('bash', ['-c', command], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  running.set(id, child);
  child.stdin.on('error', () => {}); // It ended before it read: its exit says so.
  child.stdout.setEncoding('utf8').on('data', (out) => say({ id, out }));
  child.stderr.setEncoding('utf8').on('data', (err) => say({ id, err }));
  child.on('close', (code, signal) => {
    running.delete(id);
    say({ id, code, signal });
  });
}

createInterface({ input: new ReadStream(openSync(line, 'r+')) }).on('line', (text) => {
  const { id, run: command, tell, signal } = JSON.parse(text);
  const child = running.get(id);
  if (command !== undefined) run(id, command);
  else if (tell !== undefined) child?.stdin.write(tell);
  else if (signal !== undefined && child) process.kill(-child.pid, signal);
});
say({ release: release() });
