import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../common/process/paths.js';
import { ownName } from '../../common/wire/owner.js';
import { veth } from '../../common/wire/veth.js';
import type { Run } from '../../model/record.js';
import { writeSshFiles } from '../fakes/far-hosts.js';
import { patience } from '../fakes/patience.js';
import { bareDebian, DebianGuest } from './debian-guest.js';
import { kernels as asked, lackFor } from './kernels.js';

const deploy = join(packageRoot(), 'deploy/ansible');
const names = ['server', 'client'] as const;
type Name = (typeof names)[number];
const addresses = { server: '10.9.0.2', client: '10.9.0.3' };

/** Debian 12 has this kernel. */
const lack = asked.includes('6.1') ? lackFor('6.1') : '6.1 is not one of LAB_KERNELS';

/** Of capabilities(7): net_admin, net_raw, sys_nice, perfmon, bpf; and dac_override, or sys_admin. */
const expectedCapabilities = { server: '000000c000803002', client: '000000c000a03000' };

describe.skipIf(lack !== null)(`two bare Debian 12${lack === null ? '' : ` (skipped: ${lack})`}`, () => {
  const space = ownName('lab');
  const guests: DebianGuest[] = [];
  let folder = '';
  const enter = ['nsenter', `--net=/run/netns/${space}`];
  const ip = (...words: string[]) => execa('ip', ['-n', space, ...words]);
  const ssh = (name: Name, user = 'root') => [...enter, 'ssh', '-F', `${folder}/config`, '-l', user, `ivb-${name}`];
  const on = async (name: Name, user: string, command: string) => {
    const [file = '', ...words] = [...ssh(name, user), command];
    return (await execa(file, words, { reject: false, all: true })).all;
  };

  beforeAll(async () => {
    await veth.clean(); // What a lab that was killed left behind.
    folder = mkdtempSync(join(tmpdir(), 'ivb-far-'));
    await writeSshFiles(folder, addresses);
    const tasks = parse(readFileSync(join(deploy, 'tasks/packages.yml'), 'utf8')) as Record<
      string,
      { name: string[] }
    >[];
    const installed = tasks.flatMap((task) => task['ansible.builtin.apt']?.name ?? []);
    const root = bareDebian(['python3-apt', ...installed]);
    await execa('ip', ['netns', 'add', space]);
    await ip('link', 'set', 'lo', 'up');
    for (const bridge of ['wire', 'ssh']) {
      await ip('link', 'add', `ivb-${bridge}`, 'type', 'bridge');
      await ip('link', 'set', `ivb-${bridge}`, 'addrgenmode', 'none', 'up');
    }
    await ip('address', 'add', '10.9.0.1/24', 'dev', 'ivb-ssh');
    for (const [index, name] of names.entries()) {
      const cards = ['wire', 'ssh'].map((bridge, card) => ({
        ...{ tap: `ivb-${bridge}${index}`, mac: `02:00:00:00:0${card}:${index + 1}0`, options: [], bridge },
      }));
      for (const { tap, bridge } of cards) {
        await ip('tuntap', 'add', tap, 'mode', 'tap', 'multi_queue');
        await ip('link', 'set', tap, 'addrgenmode', 'none', 'master', `ivb-${bridge}`, 'up');
      }
      // One of them has its CPUs isolated already: without a boot loader a guest is not rebooted with other words.
      const append = name === 'server' ? 'isolcpus=3 nohz_full=3 rcu_nocbs=3' : '';
      const machine = { name, root, enter, cards, address: addresses[name], keys: folder, append };
      guests.push(DebianGuest.start(machine));
    }
    await Promise.all(names.map((name, index) => guests[index]?.up(ssh(name), patience(15_000))));
  }, patience(40_000));
  afterAll(async () => {
    for (const guest of guests) await guest.end();
    await execa('ip', ['netns', 'delete', space], { reject: false });
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the last play measured; empty where there is no run. */
  function measured(): Run[] {
    const records = join(folder, 'results/latest/runs.ndjson');
    if (!existsSync(records)) return [];
    const lines = readFileSync(records, 'utf8').trim().split('\n');
    return lines.filter(Boolean).map((line) => JSON.parse(line) as Run);
  }

  /** The one command. */
  async function play(...words: string[]): Promise<{ all: string; changed: Record<string, number> }> {
    const host = (name: Name) => ({
      ...{ ansible_host: `ivb-${name}`, bench_interface: 'eth0' },
      bench_address: { server: '10.0.0.10', client: '10.0.0.20' }[name],
    });
    const hosts = { server: host('server'), client: host('client') };
    const vars = { ansible_user: 'root', ansible_ssh_common_args: `-F ${folder}/config` };
    // JSON is YAML.
    writeFileSync(join(folder, 'hosts.yml'), JSON.stringify({ bench: { hosts, vars } }));
    const choices = {
      ...{ bench_key: `${folder}/user.pub`, bench_ssh: `ssh -F ${folder}/config`, bench_out: `${folder}/results` },
      ...{ bench_isolated_cpus: '3', bench_huge_pages: 16 },
      bench_flags: [
        '--impls',
        'recvmmsg,afxdp',
        '--sizes',
        '200',
        '--load',
        'closed=2,rate=200',
        '--duration',
        '2s',
      ].concat(...['--repeats', '1', '--axis', 'channels=1']),
    };
    const env = {
      ...{ ANSIBLE_LOCAL_TEMP: `${folder}/local`, ANSIBLE_SSH_CONTROL_PATH_DIR: `${folder}/cp` },
      // Of connections nothing is left after the test.
      ANSIBLE_SSH_ARGS: '-o ControlMaster=auto -o ControlPersist=10s',
      ...{ ANSIBLE_TIMEOUT: '120', ANSIBLE_NOCOLOR: '1' },
    };
    const command = ['ansible-playbook', '-i', join(folder, 'hosts.yml'), 'site.yml', '-e', JSON.stringify(choices)];
    const [file = '', ...args] = [...enter, ...command, ...words];
    const { all, exitCode } = await execa(file, args, {
      ...{ cwd: deploy, all: true, reject: false },
      env,
    });
    const consoles = guests.map(({ consolePath }) => consolePath).join(', ');
    const ledgers = measured().map((run) => ('ledger' in run ? JSON.stringify(run.ledger) : run.state));
    expect(exitCode, [all, ...ledgers, `consoles: ${consoles}`].join('\n')).toBe(0);
    const recap = [...all.matchAll(/^(\w+) +: ok=\d+ +changed=(\d+) /gm)];
    return { all, changed: Object.fromEntries(recap.map(([, name, count]) => [name, Number(count)])) };
  }

  test('become two hosts with a report by one command', { timeout: patience(90_000) }, async () => {
    expect(await on('server', 'root', 'command -v python3 || echo bare')).toBe('bare');
    const { all } = await play();
    expect(all).toMatch(/Skipped: its CPUs have no governor performance/);
    const run = join(folder, 'results/latest');
    expect(
      measured()
        .map(({ cell, state }) => `${cell.implementation} ${state}`)
        .sort(),
      all,
    ).toEqual([...new Array(2).fill('afxdp completed'), ...new Array(2).fill('recvmmsg completed')]);
    expect(readdirSync(run)).toEqual(expect.arrayContaining(['report.md', 'host.json']));
    const { host, clientHosts } = JSON.parse(readFileSync(join(run, 'host.json'), 'utf8'));
    expect([host.kernel, clientHosts[0].kernel]).toEqual([expect.stringMatching(/^6\.1\./), host.kernel]);
    expect(guests.flatMap((guest) => guest.complaints())).toEqual([]);
  });

  test.each(names)('the user of the %s has the capabilities and no more', async (name) => {
    const status = await on(name, 'bench', 'id -u; grep -E "^Cap(Eff|Prm|Bnd)" /proc/self/status; ulimit -l');
    const [user, ...lines] = status.split('\n');
    expect(Number(user)).toBeGreaterThan(0);
    const held = Object.fromEntries(lines.map((line) => line.split(':\t')));
    expect([held.CapPrm, held.CapEff]).toEqual(new Array(2).fill(expectedCapabilities[name]));
    expect(lines.at(-1)).toBe('unlimited');
    expect(await on(name, 'bench', 'sudo -n true')).toMatch(/not found/);
    // Nobody else gets them.
    const others = 'runuser -u nobody -- /usr/local/lib/invoker-bench/setpriv true';
    expect(await on(name, 'root', others)).toMatch(/Permission denied/);
  });

  test.each(names)('the %s has what was asked for', async (name) => {
    expect(await on(name, 'root', 'cat /proc/sys/vm/nr_hugepages')).toBe('16');
    expect(await on(name, 'root', 'systemctl is-enabled invoker-bench-wire prometheus-node-exporter')).toBe(
      'enabled\nenabled',
    );
    const metrics =
      'exec 3<>/dev/tcp/127.0.0.1/9100; printf "GET /metrics HTTP/1.0\\r\\n\\r\\n" >&3; grep -c ^node_ <&3';
    expect(Number(await on(name, 'root', `bash -c '${metrics}'`))).toBeGreaterThan(100);
  });

  test('are changed by nothing when it is played again', { timeout: patience(60_000) }, async () => {
    const { changed, all } = await play('--tags', 'hosts');
    expect(changed, all).toEqual({ server: 0, client: 0 });
    // Of the one whose kernel has other words, that is told.
    expect(all).toMatch(/Skipped: this host does not boot by GRUB. Its kernel needs on its command line isolcpus=3 /);
  });
});
