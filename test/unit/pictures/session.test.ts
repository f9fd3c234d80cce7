import { describe, expect, it } from 'vitest';
import { recordSession } from '../../../harness/pictures/session.js';

const session = (script: string, answers: { prompt: string; line: string }[], limitMs = 20_000) =>
  recordSession({ command: ['sh', '-c', script], folder: '/', columns: 80, answers, exitCodes: [0], limitMs });

describe('recordSession', () => {
  it('answers each prompt when it comes', async () => {
    const text = await session('printf "one? "; read a; printf "two? "; read b; echo "$b$a"', [
      { prompt: 'one? ', line: '1' },
      { prompt: 'two? ', line: '2' },
    ]);
    expect(text).toMatch(/two\? 2\r\n21\r\n$/);
  });

  it('ends a command that waits for ever, and says for what and what its screen shows', () =>
    expect(session('printf "\\033[1mhow?\\033[0m "; read a', [{ prompt: 'why? ', line: '' }], 500)).rejects.toThrow(
      /^sh -c .* did not end within 0\.5 s, before the prompt "why\? "; its screen:\nhow\? ?$/s,
    ));

  it('is no session where a prompt never came', () =>
    expect(session('echo done', [{ prompt: 'why? ', line: '' }])).rejects.toThrow(
      /ended with 0, before the prompt "why\? "; its screen:\ndone$/,
    ));
});
