import { farCommand, lostWords, sshFailed } from './ssh.js';
import { holdFar, holdNear } from './tether.js';

/** One end of a process on another host: `near ROOT SSH ... TARGET -- WORDS` (ssh.ts), or `far WORDS`. */
const [end, ...words] = process.argv.slice(2);
process.exit(await (end === 'near' ? near(words) : holdFar(words, process.stdin)));

async function near([root = '', ...ssh]: string[]): Promise<number> {
  const exitCode = await holdNear(farCommand(root, ssh), process.stdin);
  if (exitCode === sshFailed) process.stderr.write(`${lostWords(ssh)}\n`);
  return exitCode;
}
