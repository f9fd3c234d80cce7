import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { MessageOutput } from '../../../common/process/message-output.js';
import type { Command } from '../../../common/process/protocol.js';

/** A stream that keeps what is written to it, or fails with a code. */
function output(code?: string) {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      if (code === undefined) written.push(String(chunk));
      done(code === undefined ? null : Object.assign(new Error(code), { code }));
    },
  });
  return { written, messages: new MessageOutput<Command>(stream) };
}

describe('MessageOutput', () => {
  it('says messages, then ends with 0', async () => {
    const { written, messages } = output();
    messages.say({ type: 'start' });
    expect(await messages.end(Promise.resolve())).toBe(0);
    expect(written.join('')).toBe('{"type":"start"}\n');
  });

  it('says the error of what it served and ends with 1', async () => {
    const { written, messages } = output();
    expect(await messages.end(Promise.reject(new Error('no luck')))).toBe(1);
    expect(written.join('')).toBe('{"type":"error","error":{"code":"unexpected","message":"no luck"}}\n');
  });

  it.each([
    ['EPIPE', 0],
    ['ENOSPC', 1],
  ])('whose stream fails with %s ends with %d: a reader that left is no failure', async (code, exitCode) => {
    expect(await output(code).messages.end(Promise.resolve())).toBe(exitCode);
  });
});
