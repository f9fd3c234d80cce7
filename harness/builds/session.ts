import { join } from 'node:path';
import { execa } from 'execa';
import { LastWords } from '../../common/process/last-words.js';
import { sessionVersion } from '../../common/process/protocol.js';

const limitMs = 30_000;

/** Why this harness cannot start the invoker of a built tree, in words that follow its name; null if it can. */
export async function whyNoSession(root: string): Promise<string | null> {
  const script = join(root, 'dist/impls/main.js');
  const { exitCode, stdout, stderr, timedOut } = await execa(process.execPath, [script, '--session-version'], {
    ...{ reject: false, stdin: 'ignore', timeout: limitMs },
  });
  const own = `this harness speaks version ${sessionVersion}`;
  if (exitCode === 0 && /^\d+$/.test(stdout))
    return Number(stdout) === sessionVersion ? null : `speaks version ${stdout} of the protocol of sessions, ${own}`;
  // It takes the flag for one of its user's.
  if (exitCode === 2) return `is of before the protocol of sessions had a version, ${own}`;
  if (timedOut) return `does not start its invoker within ${limitMs / 1e3} s`;
  const words = new LastWords();
  for (const line of stderr.split('\n')) words.hear(line);
  return `cannot start its invoker: ${words.quote() ?? `code ${exitCode}`}`;
}
