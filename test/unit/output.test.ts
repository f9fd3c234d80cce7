import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { outlive } from '../../harness/output.js';

/** A stream whose every write fails with the code, or is kept; like that of a terminal it is not destroyed by an error. */
function stream(code: string | null) {
  const written: string[] = [];
  const write = (text: Buffer, _: string, done: (error?: Error) => void) => {
    written.push(text.toString());
    done(code === null ? undefined : Object.assign(new Error(code), { code }));
  };
  return { written, stream: new Writable({ write, autoDestroy: false }) };
}

let before: typeof process.exitCode;
beforeEach(() => {
  before = process.exitCode;
  process.exitCode = undefined;
});
afterEach(() => {
  process.exitCode = before;
});

it.each<[string, string, string | null, string[], number | undefined]>([
  ['a full disk', 'ENOSPC', null, ['invoker-bench: cannot write the output: ENOSPC\n'], 1],
  ['a reader that left', 'EPIPE', null, [], undefined],
  [
    'a closed terminal, of which nobody can be told',
    'EIO',
    'EIO',
    ['invoker-bench: cannot write the output: EIO\n'],
    1,
  ],
])('%s neither ends the process nor is told twice', async (_, out, err, complaints, exitCode) => {
  const [stdout, stderr] = [stream(out), stream(err)];
  outlive({ stdout: stdout.stream, stderr: stderr.stream });
  for (const text of ['a', 'b', 'c']) {
    stdout.stream.write(text);
    await sleep(1);
  }
  expect(stderr.written).toEqual(complaints);
  expect(process.exitCode).toBe(exitCode);
});
