import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../common/process/paths.js';
import { ownName } from '../../common/wire/owner.js';
import type { Site } from '../../common/wire/topology.js';

type Name = 'server' | 'client' | `client${number}`;

/** A server and clients that are reached by ssh, and a host where the harness is: network namespaces, each with a real sshd. */
export interface FarHosts {
  /** Where the harness runs; `settings` of ssh come before those of the hosts, and win over them. */
  harness(settings?: string): Site;
  /** A side of the data wire. */
  sites: Record<'server' | 'client', Site>;
  /** Of `--server` and `--client`. */
  sides: Record<'server' | 'client', string>;
  /** Of all clients, the one above first. */
  clients: { name: Name; site: Site; side: string }[];
  /**
   * Of several clients: frames that the server's interface received, without ICMP (a reply that came when its client had
   * asked again is refused), and those that interfaces on the way to it dropped.
   */
  wire(): Promise<{ received: number; dropped: number }>;
  /** Of several clients: pulls the cable of a host's data wire out of the switch, or puts it in. */
  port(name: Name, state: 'up' | 'down'): Promise<void>;
  /** Runs a command in the mounts of what is reached by ssh there. */
  within(name: Name, ...words: string[]): Promise<void>;
  /** Runs `ip` in the harness's namespace, where the ends of the cables to the hosts are `to-server`, `to-client`, ... */
  ip(...words: string[]): Promise<void>;
  destroy(): Promise<void>;
}

/** A network namespace with an interface at the data wire. */
interface Wired {
  name: string;
  site: Site;
  space: string;
}

/** One host at the data wire. */
interface Host extends Wired {
  name: Name;
  /** Of the cable to the harness. */
  network: string;
}

/** Of several clients all ends of the data wire are at a switch: a bridge in a namespace of its own. */
export async function farHosts(clientCount = 1): Promise<FarHosts> {
  const folder = mkdtempSync(join(tmpdir(), 'ivb-far-'));
  // sshd reads a user's keys as that user.
  chmodSync(folder, 0o711);
  const hosts = Array.from({ length: clientCount + 1 }, (_, index) => hostOf(index));
  const [server, ...clients] = hosts as [Host, ...Host[]];
  const spaces = { harness: ownName('far'), wire: ownName('farw') };
  const daemons = new Map<Name, ChildProcess>();
  let configs = 0;
  const destroy = async () => {
    for (const daemon of daemons.values()) {
      const exit = daemon.exitCode === null && daemon.signalCode === null ? once(daemon, 'exit') : null;
      daemon.kill();
      await exit;
    }
    for (const { space } of hosts) await execa('ip', ['netns', 'delete', space], { reject: false });
    for (const space of Object.values(spaces)) await execa('ip', ['netns', 'delete', space], { reject: false });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const space of [...Object.values(spaces), ...hosts.map((host) => host.space)]) {
      await execa('ip', ['netns', 'add', space]);
      await within(space, 'link', 'set', 'lo', 'up');
    }
    const [only] = clients as [Host];
    if (clientCount === 1) await joinTwo(server, only);
    else await joinBySwitch(hosts, spaces.wire);
    for (const host of hosts) await setUp(host, spaces.harness);
    await writeSshFiles(folder, Object.fromEntries(hosts.map(({ name, network }) => [name, `${network}.2`])));
    for (const { name, space } of hosts) daemons.set(name, await startDaemon(space, folder));
  } catch (error) {
    await destroy();
    throw error;
  }
  const sideOf = ({ name, site }: Host) => `ivb-${name},if=${site.interface},ip=${site.address},dir=${packageRoot()}`;
  const [first] = clients as [Host];
  return {
    harness(settings = '') {
      const config = join(folder, `config-${configs++}`);
      writeFileSync(config, `${settings}\n${readFileSync(join(folder, 'config'), 'utf8')}`);
      const enter = ['nsenter', `--net=/run/netns/${spaces.harness}`, 'env', `IVB_SSH=ssh -F ${config}`];
      return { ...siteIn(spaces.harness, 'to-server', '', ''), enter };
    },
    sites: { server: server.site, client: first.site },
    sides: { server: sideOf(server), client: sideOf(first) },
    clients: clients.map((host) => ({ name: host.name, site: host.site, side: sideOf(host) })),
    async wire() {
      const atServer = await statistics(server.space, server.site.interface);
      const toServer = await statistics(spaces.wire, server.name);
      const dropped = await Promise.all(
        clients.map(async ({ name, space, site }) => {
          const [own, port] = [await statistics(space, site.interface), await statistics(spaces.wire, name)];
          return own.tx.dropped + port.rx.dropped;
        }),
      );
      return {
        received: atServer.rx.packets - (await icmpMessages(server.space)),
        dropped: dropped.reduce((sum, count) => sum + count, toServer.tx.dropped),
      };
    },
    async port(name, state) {
      await within(spaces.wire, 'link', 'set', name, state);
    },
    async within(name, ...words) {
      // `ip netns exec` has made mounts of its own for the daemon, which it then became.
      await execa('nsenter', [`--mount=/proc/${daemons.get(name)?.pid}/ns/mnt`, ...words]);
    },
    async ip(...words) {
      await within(spaces.harness, ...words);
    },
    destroy,
  };
}

const within = (space: string, ...words: string[]) => execa('ip', ['-n', space, ...words]);

export const siteIn = (space: string, name: string, address: string, mac: string): Site => ({
  ...{ interface: name, address, mac, driver: 'veth', node: process.execPath, root: packageRoot() },
  enter: ['nsenter', `--net=/run/netns/${space}`],
});

/** The server is the first, the clients follow. */
function hostOf(index: number): Host {
  const name: Name = index === 0 ? 'server' : index === 1 ? 'client' : `client${index}`;
  const space = ownName(index === 0 ? 'fars' : index === 1 ? 'farc' : `farc${index}`);
  const last = 10 * (index + 1);
  const site = siteIn(space, index === 0 ? 'ens4' : 'ens5', `10.0.0.${last}`, `02:00:00:00:00:${last}`);
  return { name, space, site, network: `10.9.${index}` };
}

interface Statistics {
  rx: { packets: number; dropped: number };
  tx: { dropped: number };
}

async function statistics(space: string, name: string): Promise<Statistics> {
  const { stdout } = await within(space, '-statistics', '-json', 'link', 'show', 'dev', name);
  return JSON.parse(stdout)[0].stats64;
}

async function icmpMessages(space: string): Promise<number> {
  const { stdout } = await execa('ip', ['netns', 'exec', space, 'cat', '/proc/net/snmp']);
  return Number(/^Icmp: (\d+)/m.exec(stdout)?.[1] ?? Number.NaN);
}

const endOf = ({ interface: name, mac }: Site) => [name, 'address', mac, 'numrxqueues', '1', 'numtxqueues', '1'];

async function joinTwo(server: Host, client: Host): Promise<void> {
  const peer = ['peer', 'name', ...endOf(client.site), 'netns', client.space];
  await within(server.space, 'link', 'add', ...endOf(server.site), 'type', 'veth', ...peer);
}

/** Puts an interface of each host at a bridge in a namespace, where its port has the name of the host. */
export async function joinBySwitch(hosts: readonly Wired[], space: string): Promise<void> {
  await within(space, 'link', 'add', 'switch', 'type', 'bridge', 'mcast_snooping', '0');
  // Before it is up: with an address it would look for routers.
  await within(space, 'link', 'set', 'switch', 'addrgenmode', 'none');
  await within(space, 'link', 'set', 'switch', 'up');
  for (const { name, site, space: own } of hosts) {
    const peer = ['peer', 'name', ...endOf(site), 'netns', own];
    await within(space, 'link', 'add', name, 'numrxqueues', '1', 'numtxqueues', '1', 'type', 'veth', ...peer);
    await within(space, 'link', 'set', name, 'addrgenmode', 'none');
    await within(space, 'link', 'set', name, 'master', 'switch', 'up');
    // An end without GRO and XDP takes in no live frames.
    await execa('ip', ['netns', 'exec', space, 'ethtool', '-K', name, 'gro', 'on', 'tx-udp-segmentation', 'off']);
  }
}

/** The card at the data wire. */
export async function setUpCard({ space, site }: Omit<Wired, 'name'>): Promise<void> {
  const { interface: card, address } = site;
  // No IPv6 address: nothing but the benchmark's own packets on the wire.
  await within(space, 'link', 'set', card, 'addrgenmode', 'none');
  await within(space, 'address', 'add', `${address}/24`, 'dev', card);
  await within(space, 'link', 'set', card, 'up');
  await execa('ip', ['netns', 'exec', space, 'ethtool', '-K', card, 'gro', 'off', 'tx-udp-segmentation', 'off']);
}

/** The card, and the cable to the harness. */
async function setUp(host: Host, harness: string): Promise<void> {
  const { name, space, network } = host;
  await setUpCard(host);
  await within(harness, 'link', 'add', `to-${name}`, 'type', 'veth', 'peer', 'name', 'cable', 'netns', space);
  await within(harness, 'address', 'add', `${network}.1/30`, 'dev', `to-${name}`);
  await within(harness, 'link', 'set', `to-${name}`, 'up');
  await within(space, 'address', 'add', `${network}.2/30`, 'dev', 'cable');
  await within(space, 'link', 'set', 'cable', 'up');
}

/** Writes keys, `config` of ssh for the hosts, which are called `ivb-server` and so on, and `sshd_config` of all. */
export async function writeSshFiles(folder: string, addresses: Record<string, string>): Promise<void> {
  for (const key of ['host', 'user']) {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  }
  const hostKey = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(
    join(folder, 'known'),
    Object.values(addresses)
      .map((address) => `${address} ${hostKey}\n`)
      .join(''),
  );
  const hosts = Object.entries(addresses).map(([name, address]) => `Host ivb-${name}\n HostName ${address}\n`);
  const ours = ['User root', `IdentityFile ${folder}/user`, 'IdentitiesOnly yes', `UserKnownHostsFile ${folder}/known`];
  writeFileSync(join(folder, 'config'), `${hosts.join('')}Host ivb-*\n ${ours.join('\n ')}\n`);
  const settings = [
    ...[`HostKey ${folder}/host`, `AuthorizedKeysFile ${folder}/user.pub`, 'PidFile none', 'StrictModes no'],
    ...[
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
    ],
  ];
  writeFileSync(join(folder, 'sshd_config'), `${settings.join('\n')}\n`);
}

/** Until it listens. */
async function startDaemon(space: string, folder: string): Promise<ChildProcess> {
  mkdirSync('/run/sshd', { recursive: true });
  const words = ['netns', 'exec', space, '/usr/sbin/sshd', '-D', '-e', '-f', join(folder, 'sshd_config')];
  const daemon = spawn('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  for await (const text of daemon.stderr?.setEncoding('utf8') ?? []) {
    said += text;
    if (said.includes('Server listening on 0.0.0.0')) break;
  }
  if (!said.includes('Server listening')) throw new Error(`no sshd: ${said}`);
  return daemon;
}
