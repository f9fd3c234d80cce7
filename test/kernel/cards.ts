import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../common/process/paths.js';
import { ownName } from '../../common/wire/owner.js';
import type { Site } from '../../common/wire/topology.js';
import type { Run } from '../../model/record.js';

/** What of an interface must be the same before and after. */
export interface CardState {
  flags: string[];
  mtu: number;
  addressesOfItsOwn: string;
  addresses: string[];
  routes: string;
  offloads: string;
}

/** Words that enter a network namespace as a host: with its interfaces in /sys, and names of namespaces in common with all. */
export const hostOf = ({ enter }: Pick<Site, 'enter'>): string[] => [
  ...[...enter, 'unshare', '--mount', '--propagation', 'unchanged'],
  ...['sh', '-c', 'mount --make-private /sys && mount -t sysfs sysfs /sys && exec "$@"', 'sh'],
];

/** A network namespace that stands for a host, with two cards and a cable between them: `ens4` and `ens5`. */
export class CardHost {
  readonly name = ownName('host');
  readonly site: Site = {
    ...{ interface: '', address: '', mac: '', driver: 'veth', node: process.execPath, root: packageRoot() },
    enter: hostOf({ enter: ['nsenter', `--net=/run/netns/${this.name}`] }),
  };

  async build(): Promise<void> {
    await execa('ip', ['netns', 'add', this.name]);
    await this.ip('link set lo up');
    await this.cable('ens4', 'ens5');
    await this.ip('address add 10.1.2.3/24 dev ens4');
    await this.ip('address add 10.0.0.20/24 dev ens5');
    await this.ip('address add fd00::2/64 dev ens5 nodad');
    await this.ip('link set ens4 up');
    await this.ip('link set ens5 up');
    await this.ip('route add 10.7.0.0/16 via 10.1.2.9 dev ens4');
  }

  /** Two cards that are joined, of one queue each, down. */
  async cable(one: string, other: string): Promise<void> {
    const end = (name: string) => `${name} mtu 1490 numrxqueues 1 numtxqueues 1`;
    await this.ip(`link add ${end(one)} type veth peer name ${end(other)}`);
    for (const name of [one, other]) {
      await this.ip(`link set ${name} addrgenmode none`);
      await this.run('ethtool', '-K', name, 'gro', 'off', 'tx-udp-segmentation', 'off');
    }
  }

  async run(...words: string[]): Promise<string> {
    const [file = '', ...args] = [...this.site.enter, ...words];
    return (await execa(file, args)).stdout;
  }

  ip(words: string): Promise<string> {
    return this.run('ip', ...words.split(' '));
  }

  async state(name: string): Promise<CardState> {
    const [link] = JSON.parse(await this.ip(`-json address show dev ${name}`));
    const [{ inet6_addr_gen_mode }] = JSON.parse(await this.ip(`-json -details link show dev ${name}`));
    return {
      flags: link.flags,
      mtu: link.mtu,
      addressesOfItsOwn: inet6_addr_gen_mode,
      addresses: link.addr_info.map(
        ({ local, prefixlen }: { local: string; prefixlen: number }) => `${local}/${prefixlen}`,
      ),
      routes: `${await this.ip(`-4 route show dev ${name}`)}${await this.ip(`-6 route show dev ${name}`)}`,
      offloads: await this.run('ethtool', '-k', name),
    };
  }

  async states(): Promise<CardState[]> {
    return [await this.state('ens4'), await this.state('ens5')];
  }

  async destroy(): Promise<void> {
    await execa('ip', ['netns', 'delete', this.name], { reject: false });
  }
}

export function runsIn(out: string): Run[] {
  const text = readFileSync(join(out, 'latest/runs.ndjson'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Run);
}
