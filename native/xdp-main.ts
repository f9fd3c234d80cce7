import { MessageOutput } from '../common/process/message-output.js';
import { readLines } from '../common/process/protocol.js';
import type { XdpProgram } from '../model/host.js';
import { xdpPrograms } from './index.js';

/** Says which XDP programs the kernel has for each line, until the end of its input. */
const output = new MessageOutput<{ type: 'xdp'; programs: XdpProgram[] }>(process.stdout);

// A terminal sends these to its whole process group: it is asked until its input ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
readLines(
  process.stdin,
  () => output.say({ type: 'xdp', programs: xdpPrograms() }),
  () => {},
);
