import { toolEnvironment } from '../../common/process/tools.js';
import { type Finding, finding, notToldHere } from './finding.js';
import type { View } from './view.js';

/** Of <linux/capability.h>: what a benchmark does with them. */
const capabilities: readonly (readonly [bit: number, name: string])[] = [
  [12, 'CAP_NET_ADMIN'],
  [13, 'CAP_NET_RAW'],
  [14, 'CAP_IPC_LOCK'],
  [21, 'CAP_SYS_ADMIN'],
  [38, 'CAP_PERFMON'],
  [39, 'CAP_BPF'],
];

/** What a host of two does without: it builds no wire, and locked memory has a check of its own. */
const ofOneHost = ['CAP_IPC_LOCK', 'CAP_SYS_ADMIN'];

/** By the Debian package that has them. */
const programs: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  ethtool: 'ethtool',
  nsenter: 'util-linux',
  taskset: 'util-linux',
};

/** Who may do what here, and how much of it. */
export function checkRights(view: View): Finding[] {
  return [user(view), memory(view), files(view), tools(view)];
}

function user({ text }: View): Finding {
  const why = 'Network namespaces, AF_XDP sockets and XDP programs are made by root only.';
  const status = text('/proc/self/status') ?? '';
  const [, id] = /^Uid:\s+\d+\s+(\d+)/m.exec(status) ?? [];
  const held = heldCapabilities(status);
  if (id === undefined || held === null) return finding('user', why, notToldHere);
  const missing = capabilities.filter(([bit]) => !held(bit)).map(([, name]) => name);
  const remedy = 'sudo npm run doctor';
  if (id !== '0' && missing.every((name) => ofOneHost.includes(name)))
    return finding('user', why, {
      level: 'could-be-better',
      state: `user ${id}, with the capabilities of a host of two; one host alone needs root`,
      remedy,
    });
  if (id !== '0') return finding('user', why, { level: 'cannot-run', state: `user ${id}, not root`, remedy });
  if (missing.length === 0)
    return finding('user', why, { level: 'fine', state: 'root, with all capabilities that are needed' });
  return finding('user', why, {
    level: 'cannot-run',
    state: `root without ${missing.join(', ')}`,
    remedy: 'start the container with --privileged',
  });
}

function heldCapabilities(status: string): ((bit: number) => boolean) | null {
  const [, mask] = /^CapEff:\s+([0-9a-f]+)$/m.exec(status) ?? [];
  return mask === undefined ? null : (bit) => ((BigInt(`0x${mask}`) >> BigInt(bit)) & 1n) === 1n;
}

const lockBit = 14;

function memory({ text }: View): Finding {
  const why = 'Packet memory of AF_XDP and rings of io_uring are locked in RAM; CAP_IPC_LOCK lifts the limit.';
  const soft = softLimit(text, 'Max locked memory');
  const held = heldCapabilities(text('/proc/self/status') ?? '');
  if (soft === null || held === null) return finding('locked-memory', why, notToldHere);
  if (soft === 'unlimited' || held(lockBit))
    return finding('locked-memory', why, {
      level: 'fine',
      state: soft === 'unlimited' ? 'unlimited' : 'unlimited for root (CAP_IPC_LOCK)',
    });
  const state = `limited to ${Math.floor(Number(soft) / 1024)} KiB`;
  return finding('locked-memory', why, { level: 'cannot-run', state, remedy: 'ulimit -l unlimited' });
}

/** The default of the kernel: what is below it was lowered by somebody. */
const usualFiles = 1024;

function files({ text }: View): Finding {
  const why = 'Each socket and ring is an open file, and a closed loop has a socket a connection.';
  const soft = softLimit(text, 'Max open files');
  if (soft === null) return finding('open-files', why, notToldHere);
  const state = soft === 'unlimited' ? 'unlimited' : `at most ${soft}`;
  if (soft === 'unlimited' || Number(soft) >= usualFiles) return finding('open-files', why, { level: 'fine', state });
  return finding('open-files', why, { level: 'could-be-better', state, remedy: `ulimit -n ${usualFiles * 64}` });
}

/** `unlimited` or a number. */
function softLimit(text: View['text'], name: string): string | null {
  return new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(text('/proc/self/limits') ?? '')?.[1] ?? null;
}

function tools({ list }: View): Finding {
  const why = 'They build the two network namespaces and the wire between them, and keep processes to their CPUs.';
  const present = new Set(toolEnvironment.PATH.split(':').flatMap(list));
  const missing = Object.keys(programs).filter((name) => !present.has(name));
  if (missing.length === 0)
    return finding('programs', why, { level: 'fine', state: `${Object.keys(programs).join(', ')} are installed` });
  const packages = [...new Set(missing.map((name) => programs[name]))].join(' ');
  const state = `not installed: ${missing.join(', ')}`;
  return finding('programs', why, { level: 'cannot-run', state, remedy: `apt-get install ${packages}` });
}
