import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { readLines } from '../process/protocol.js';

/**
 * A process on another host that dies with the connection. Its near end is started in its place and hands its lines on
 * through ssh to a far end, which starts it. Between them an empty line is a heartbeat: where a cable is pulled nobody
 * closes the far end's input, and the system would not notice for hours.
 */
const heartbeat = '';
const heartbeatMs = 500;
/** Of so many heartbeats none came. */
const silenceMs = 6 * heartbeatMs;

/** The near end: `words` run the far end. Resolves to its exit code, when it has ended. */
export async function holdNear(words: readonly string[], input: Readable): Promise<number> {
  const running = start(words);
  const beats = setInterval(() => running.stdin.write(`${heartbeat}\n`), heartbeatMs);
  readLines(
    input,
    (line) => running.stdin.write(`${line}\n`),
    () => {
      clearInterval(beats);
      running.stdin.end();
    },
  );
  const exitCode = await ended(running);
  clearInterval(beats);
  return exitCode;
}

/**
 * The far end: runs `words` until they end, or the input does, or the near end falls silent; then they have `graceMs` to end.
 * Resolves to the exit code.
 */
export async function holdFar(words: readonly string[], input: Readable, graceMs: number): Promise<number> {
  const running = start(words);
  let last: NodeJS.Timeout | undefined;
  const end = () => {
    clearTimeout(silence);
    running.stdin.end();
    last ??= setTimeout(() => running.kill('SIGKILL'), graceMs);
  };
  const silence = setTimeout(end, silenceMs);
  readLines(
    input,
    (line) => {
      if (last === undefined) silence.refresh();
      if (line !== heartbeat) running.stdin.write(`${line}\n`);
    },
    end,
  );
  const exitCode = await ended(running);
  clearTimeout(silence);
  clearTimeout(last);
  return exitCode;
}

/** What ssh, sudo and shells say is looked at. */
const english = { LC_ALL: 'C' };

/** It speaks for itself. Writing to one that died is an error of the stream: its exit tells. */
function start([file = '', ...args]: readonly string[]) {
  const running = execa(file, args, {
    stdio: ['pipe', 'inherit', 'inherit'],
    buffer: false,
    reject: false,
    env: english,
  });
  running.stdin.on('error', () => {});
  return running;
}

/** As a shell tells it: 128 and the signal's number, 127 where there is no such program. */
async function ended(running: ReturnType<typeof start>): Promise<number> {
  const { exitCode, signal, cause } = await running;
  if (exitCode !== undefined) return exitCode;
  if (signal !== undefined) return 128 + constants.signals[signal as NodeJS.Signals];
  process.stderr.write(`${(cause as Error).message}\n`);
  return 127;
}
