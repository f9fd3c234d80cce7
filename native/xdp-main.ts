import { MessageOutput } from '../common/process/message-output.js';
import { readLines } from '../common/process/protocol.js';
import type { XdpMode, XdpState } from '../model/host.js';
import { attachedMode, xdpPrograms } from './index.js';

/** Says what the kernel has of XDP for each line that names interfaces, until the end of its input. */
const output = new MessageOutput<{ type: 'xdp' } & XdpState>(process.stdout);

// A terminal sends these to its whole process group: it is asked until its input ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
readLines(
  process.stdin,
  (line) => {
    const { interfaces } = JSON.parse(line) as { interfaces: string[] };
    output.say({ type: 'xdp', programs: xdpPrograms(), modes: Object.fromEntries(interfaces.flatMap(modeOf)) });
  },
  () => {},
);

/** Nothing of one that has gone since it was named. */
function modeOf(name: string): [string, XdpMode][] {
  try {
    return [[name, attachedMode(name)]];
  } catch {
    return [];
  }
}
