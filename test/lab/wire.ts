import { execa } from 'execa';
import { packageRoot } from '../../common/process/paths.js';
import { ownName } from '../../common/wire/owner.js';
import type { Site } from '../../common/wire/topology.js';
import { veth } from '../../common/wire/veth.js';

/** A tap device in a namespace of the host: the other end of a guest's card. */
export interface LabWire {
  /** Where clients run. */
  client: Site;
  destroy(): Promise<void>;
}

export async function buildLabWire(): Promise<LabWire> {
  await veth.clean(); // What a lab that was killed left behind.
  const namespace = ownName('lab');
  const client = { interface: 'ivb-lab0', address: '10.0.0.20', mac: '02:00:00:00:00:20' };
  const commands = [
    'link set lo up',
    `tuntap add ${client.interface} mode tap multi_queue`,
    // No IPv6 address: nothing but the lab's own packets on the wire.
    `link set ${client.interface} address ${client.mac} addrgenmode none`,
    `address add ${client.address}/24 dev ${client.interface}`,
    `link set ${client.interface} up`,
  ];
  await execa('ip', ['netns', 'add', namespace]);
  const destroy = async () => {
    await execa('ip', ['netns', 'delete', namespace]);
  };
  try {
    await execa('ip', ['-n', namespace, '-batch', '-'], { input: `${commands.join('\n')}\n` });
  } catch (error) {
    await destroy();
    throw error;
  }
  const enter = ['nsenter', `--net=/run/netns/${namespace}`];
  return { client: { ...client, driver: 'tun', enter, node: process.execPath, root: packageRoot() }, destroy };
}
