import { farCommand } from './ssh.js';
import { holdFar, holdNear } from './tether.js';

/** One end of a process on another host: `near ROOT SSH ... TARGET -- WORDS` (ssh.ts), or `far WORDS`. */
const [end, ...words] = process.argv.slice(2);
const [root = '', ...ssh] = words;
process.exit(await (end === 'near' ? holdNear(farCommand(root, ssh), process.stdin) : holdFar(words, process.stdin)));
