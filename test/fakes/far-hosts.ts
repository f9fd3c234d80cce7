import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../common/process/paths.js';
import { ownName } from '../../common/wire/owner.js';
import type { Site } from '../../common/wire/topology.js';

const names = ['server', 'client'] as const;
type Name = (typeof names)[number];

/** Two hosts that are reached by ssh, and a third where the harness is: network namespaces, each with a real sshd. */
export interface FarHosts {
  /** Where the harness runs; `settings` of ssh come before those of the hosts, and win over them. */
  harness(settings?: string): Site;
  /** A side of the data wire. */
  sites: Record<Name, Site>;
  /** Of `--server` and `--client`. */
  sides: Record<Name, string>;
  /** Runs a command in the mounts of what is reached by ssh there. */
  within(name: Name, ...words: string[]): Promise<void>;
  /** Runs `ip` in the harness's namespace, where the ends of both cables to the hosts are `to-server` and `to-client`. */
  ip(...words: string[]): Promise<void>;
  destroy(): Promise<void>;
}

export async function farHosts(): Promise<FarHosts> {
  const folder = mkdtempSync(join(tmpdir(), 'ivb-far-'));
  // sshd reads a user's keys as that user.
  chmodSync(folder, 0o711);
  const spaces = { harness: ownName('far'), server: ownName('fars'), client: ownName('farc') };
  const daemons: ChildProcess[] = [];
  let configs = 0;
  const destroy = async () => {
    for (const daemon of daemons) {
      const exit = daemon.exitCode === null && daemon.signalCode === null ? once(daemon, 'exit') : null;
      daemon.kill();
      await exit;
    }
    await execa('ip', ['netns', 'delete', spaces.server], { reject: false });
    await execa('ip', ['netns', 'delete', spaces.client], { reject: false });
    await execa('ip', ['netns', 'delete', spaces.harness], { reject: false });
    rmSync(folder, { recursive: true, force: true });
  };
  const within = (space: string, ...words: string[]) => execa('ip', ['-n', space, ...words]);
  const site = (space: string, name: string, address: string, mac: string): Site => ({
    ...{ interface: name, address, mac, driver: 'veth', node: process.execPath, root: packageRoot() },
    enter: ['nsenter', `--net=/run/netns/${space}`],
  });
  const sites = {
    server: site(spaces.server, 'ens4', '10.0.0.10', '02:00:00:00:00:10'),
    client: site(spaces.client, 'ens5', '10.0.0.20', '02:00:00:00:00:20'),
  };
  try {
    for (const space of Object.values(spaces)) {
      await execa('ip', ['netns', 'add', space]);
      await within(space, 'link', 'set', 'lo', 'up');
    }
    const end = ({ interface: name, mac }: Site) => [name, 'address', mac, 'numrxqueues', '1', 'numtxqueues', '1'];
    const peer = ['peer', 'name', ...end(sites.client), 'netns', spaces.client];
    await within(spaces.server, 'link', 'add', ...end(sites.server), 'type', 'veth', ...peer);
    for (const name of names) {
      const { interface: card, address } = sites[name];
      // No IPv6 address: nothing but the benchmark's own packets on the wire.
      await within(spaces[name], 'link', 'set', card, 'addrgenmode', 'none');
      await within(spaces[name], 'address', 'add', `${address}/24`, 'dev', card);
      await within(spaces[name], 'link', 'set', card, 'up');
      await execa('ip', [
        'netns',
        'exec',
        spaces[name],
        'ethtool',
        '-K',
        card,
        'gro',
        'off',
        'tx-udp-segmentation',
        'off',
      ]);
      const network = `10.9.${names.indexOf(name)}`;
      const cable = ['link', 'add', `to-${name}`, 'type', 'veth', 'peer', 'name', 'cable', 'netns', spaces[name]];
      await within(spaces.harness, ...cable);
      await within(spaces.harness, 'address', 'add', `${network}.1/30`, 'dev', `to-${name}`);
      await within(spaces.harness, 'link', 'set', `to-${name}`, 'up');
      await within(spaces[name], 'address', 'add', `${network}.2/30`, 'dev', 'cable');
      await within(spaces[name], 'link', 'set', 'cable', 'up');
    }
    await writeSshFiles(folder, { server: '10.9.0.2', client: '10.9.1.2' });
    for (const name of names) daemons.push(await startDaemon(spaces[name], folder));
  } catch (error) {
    await destroy();
    throw error;
  }
  return {
    harness(settings = '') {
      const config = join(folder, `config-${configs++}`);
      writeFileSync(config, `${settings}\n${readFileSync(join(folder, 'config'), 'utf8')}`);
      const enter = ['nsenter', `--net=/run/netns/${spaces.harness}`, 'env', `IVB_SSH=ssh -F ${config}`];
      return { ...site(spaces.harness, 'to-server', '', ''), enter };
    },
    sites,
    sides: {
      server: `ivb-server,if=ens4,ip=10.0.0.10,dir=${packageRoot()}`,
      client: `ivb-client,if=ens5,ip=10.0.0.20,dir=${packageRoot()}`,
    },
    async within(name, ...words) {
      // `ip netns exec` has made mounts of its own for the daemon, which it then became.
      await execa('nsenter', [`--mount=/proc/${daemons[names.indexOf(name)]?.pid}/ns/mnt`, ...words]);
    },
    async ip(...words) {
      await within(spaces.harness, ...words);
    },
    destroy,
  };
}

/** Writes keys, `config` of ssh for the hosts `ivb-server` and `ivb-client`, and `sshd_config` of both. */
export async function writeSshFiles(folder: string, addresses: Record<Name, string>): Promise<void> {
  for (const key of ['host', 'user']) {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  }
  const hostKey = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(join(folder, 'known'), names.map((name) => `${addresses[name]} ${hostKey}\n`).join(''));
  const hosts = names.map((name) => `Host ivb-${name}\n HostName ${addresses[name]}\n`);
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
