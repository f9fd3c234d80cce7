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
/** For a process whose harness is gone, to take its programs along. */
const graceMs = 1000;

/** The near end: `words` run the far end. Resolves to its exit code, when it has ended. */
export async function holdNear(words: readonly string[], input: Readable): Promise<number> {
  const process = start(words);
  const beats = setInterval(() => process.stdin.write(`${heartbeat}\n`), heartbeatMs);
  readLines(
    input,
    (line) => process.stdin.write(`${line}\n`),
    () => {
      clearInterval(beats);
      process.stdin.end();
    },
  );
  const exitCode = await ended(process);
  clearInterval(beats);
  return exitCode;
}

/** The far end: runs `words` until they end, or the input does, or the near end falls silent. Resolves to the exit code. */
export async function holdFar(words: readonly string[], input: Readable): Promise<number> {
  const process = start(words);
  let last: NodeJS.Timeout | undefined;
  const end = () => {
    clearTimeout(silence);
    process.stdin.end();
    last ??= setTimeout(() => process.kill('SIGKILL'), graceMs);
  };
  const silence = setTimeout(end, silenceMs);
  readLines(
    input,
    (line) => {
      if (last === undefined) silence.refresh();
      if (line !== heartbeat) process.stdin.write(`${line}\n`);
    },
    end,
  );
  const exitCode = await ended(process);
  clearTimeout(silence);
  clearTimeout(last);
  return exitCode;
}

/** It speaks for itself. Writing to one that died is an error of the stream: its exit tells. */
function start([file = '', ...args]: readonly string[]) {
  const process = execa(file, args, { stdio: ['pipe', 'inherit', 'inherit'], buffer: false, reject: false });
  process.stdin.on('error', () => {});
  return process;
}

/** As a shell tells it: 128 and the signal's number. */
async function ended(process: ReturnType<typeof start>): Promise<number> {
  const { exitCode, signal } = await process;
  return exitCode ?? (signal === 'SIGKILL' ? 137 : 143);
}
