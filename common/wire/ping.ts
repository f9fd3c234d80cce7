import { execa } from 'execa';
import { toolEnvironment } from '../process/tools.js';

/** Packets that an interface is to send to an address, and that nobody may divide. */
export interface PingQuestion {
  interface: string;
  address: string;
  /** Of the whole IPv4 packet. */
  packetBytes: number;
}

/** What became of them. */
export interface Echo {
  sent: number;
  returned: number;
  /** What somebody on the way, or this host itself, said of one that did not come back; null: nobody said anything. */
  said: string | null;
}

const headerBytes = 28;
const packets = 3;

/** Some packets within half a second and a last second for the answers. Resolves to null where no program does it. */
export async function ping({ interface: name, address, packetBytes }: PingQuestion): Promise<Echo | null> {
  const size = `${packetBytes - headerBytes}`;
  const words = ['-n', '-c', `${packets}`, '-i', '0.2', '-W', '1', '-M', 'do', '-s', size, '-I', name, address];
  const result = await execa('ping', words, { env: toolEnvironment, reject: false });
  return result.code === 'ENOENT' ? null : echoIn(`${result.stdout}\n${result.stderr}`);
}

/** Of what ping of iputils prints. */
export function echoIn(text: string): Echo {
  const [, sent = '0', returned = '0'] = /(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(text) ?? [];
  const [, onTheWay] = /^From \S+ icmp_seq=\d+ (.+)$/m.exec(text) ?? [];
  const [, here] = /^(?:ping: )((?:local error|sendmsg|connect): .+)$/m.exec(text) ?? [];
  const [, otherwise] = sent === '0' ? (/^ping: (.+)$/m.exec(text) ?? []) : [];
  return { sent: Number(sent), returned: Number(returned), said: onTheWay ?? here ?? otherwise ?? null };
}
