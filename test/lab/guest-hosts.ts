import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { ownName } from '../../common/wire/owner.js';
import type { Site } from '../../common/wire/topology.js';
import { veth } from '../../common/wire/veth.js';
import { writeSshFiles } from '../fakes/far-hosts.js';
import { patience } from '../fakes/patience.js';
import { type Running, start } from '../kernel/process.js';
import { Guest } from './guest.js';
import { kernels as asked, lackFor } from './kernels.js';

const kernels = { server: '6.12', client: '6.1' } as const;
type Name = keyof typeof kernels;
const names = Object.keys(kernels) as Name[];
const addresses = { server: '10.0.0.10', client: '10.0.0.20' };
const macs = { server: '02:00:00:00:00:10', client: '02:00:00:00:00:20' };
/** What is sent over ssh is on a wire of its own: on the measured one it would be among the packets that a ledger compares. */
const cableAddresses = { server: '10.9.0.10', client: '10.9.0.20' };
const cableMacs = { server: '02:00:00:00:09:10', client: '02:00:00:00:09:20' };
const scripts = { server: 'impls', client: 'loadgen' };

/** Why this host cannot run them, or null. */
export function lackForHosts(): string | null {
  const unasked = names.map((name) => kernels[name]).find((kernel) => !asked.includes(kernel));
  if (unasked !== undefined) return `${unasked} is not one of LAB_KERNELS`;
  return names.map((name) => lackFor(kernels[name])).find((reason) => reason !== null) ?? null;
}

/** A run in guests: harness, invoker and generator start there, one after the other, for each cell. */
export const runMs = patience(15_000);

/** Two guests that a harness on this host reaches over ssh. */
export interface GuestHosts {
  guests: Record<Name, Guest>;
  /** Words that say where is measured. */
  place: string[];
  /** Words before a command that run it where it reaches them. */
  enter(): readonly string[];
  /** Starts a compiled script there. */
  start(script: string, ...words: string[]): Running;
  /** The cable that ssh to a guest goes over. */
  cable(name: Name, state: 'up' | 'down'): Promise<unknown>;
  /** How many invokers (server) or generators (client) run there. */
  sessions(name: Name): Promise<string>;
}

/** Boots them before the tests of a suite, and ends them after these. */
export function guestHosts(): GuestHosts {
  const space = ownName('lab');
  const guests = {} as Record<Name, Guest>;
  let folder = '';
  const ip = (...words: string[]) => execa('ip', ['-n', space, ...words]);
  const cableOf = (name: Name) => `ivb-ssh-${name}`;
  const site = (interfaceName: string): Site => ({
    ...{ interface: interfaceName, address: '', mac: '', driver: 'tun', node: process.execPath, root: packageRoot() },
    enter: ['nsenter', `--net=/run/netns/${space}`, 'env', `IVB_SSH=ssh -F ${folder}/config`],
  });

  beforeAll(async () => {
    await veth.clean(); // What a lab that was killed left behind.
    folder = mkdtempSync(join(tmpdir(), 'ivb-far-'));
    await writeSshFiles(folder, cableAddresses);
    await execa('ip', ['netns', 'add', space]);
    await ip('link', 'set', 'lo', 'up');
    for (const bridge of ['ivb-lab', 'ivb-cables']) {
      await ip('link', 'add', bridge, 'type', 'bridge');
      await ip('link', 'set', bridge, 'addrgenmode', 'none', 'up');
    }
    await ip('address', 'add', '10.9.0.1/24', 'dev', 'ivb-cables');
    for (const name of names) {
      const [tap, cable] = [`ivb-${name}`, cableOf(name)];
      for (const [port, bridge] of [
        [tap, 'ivb-lab'],
        [cable, 'ivb-cables'],
      ] as const) {
        await ip('tuntap', 'add', port, 'mode', 'tap', 'multi_queue');
        await ip('link', 'set', port, 'addrgenmode', 'none', 'master', bridge, 'up');
      }
      const second = { tap: cable, mac: cableMacs[name] };
      const guest = await Guest.boot(kernels[name], { client: site(tap) }, { mac: macs[name], second });
      guests[name] = guest;
      const [other = name] = names.filter((one) => one !== name);
      await guest.run(
        [
          // What a kernel asks and announces by itself is counted with the requests, and hides as many.
          'sysctl -qew net.ipv6.conf.eth0.disable_ipv6=1',
          `ethtool -L eth0 combined 1; ip address add ${addresses[name]}/24 dev eth0 && ip link set eth0 up`,
          `ip neighbour replace ${addresses[other]} lladdr ${macs[other]} dev eth0`,
          `ip address add ${cableAddresses[name]}/24 dev eth1 && ip link set eth1 up`,
        ].join(' && '),
      );
      await guest.run('mkdir -p /run/sshd');
      guest.start(`exec /usr/sbin/sshd -D -f ${folder}/sshd_config`);
    }
  });
  afterAll(async () => {
    for (const guest of Object.values(guests)) await guest.end();
    await execa('ip', ['netns', 'delete', space], { reject: false });
    rmSync(folder, { recursive: true, force: true });
  });

  const end = (name: Name) => `ivb-${name},if=eth0,ip=${addresses[name]},dir=${packageRoot()}`;
  return {
    guests,
    place: ['--topology', 'remote', '--server', end('server'), '--client', end('client')],
    enter: () => site('').enter,
    start: (script, ...words) => start(site(''), script, words),
    cable: (name, state) => ip('link', 'set', cableOf(name), state),
    sessions: (name) =>
      guests[name].run(`ps ax -o args | grep -c '^[^ ]*node [^ ]*/dist/${scripts[name]}/main.js --session' || true`),
  };
}
