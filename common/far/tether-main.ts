import { farCommand, lostWords, sshFailed } from './ssh.js';
import { holdFar, holdNear } from './tether.js';

/** One end of a process on another host: `near ROOT GRACE SSH ... TARGET -- WORDS` (ssh.ts), or `far GRACE WORDS`. */
const [end, ...words] = process.argv.slice(2);
process.exit(await (end === 'near' ? near(words) : far(words)));

async function near([root = '', grace = '', ...ssh]: string[]): Promise<number> {
  const exitCode = await holdNear(farCommand(root, grace, ssh), process.stdin);
  if (exitCode === sshFailed) process.stderr.write(`${lostWords(ssh)}\n`);
  return exitCode;
}

function far([grace = '', ...command]: string[]): Promise<number> {
  return holdFar(command, process.stdin, Number(grace));
}
