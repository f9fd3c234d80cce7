import type { Mechanism } from '../../model/host.js';
import { isOlder, since } from '../measure/host-cannot.js';
import { type Finding, finding, notToldHere } from './finding.js';
import type { View } from './view.js';

/** What the kernel has of what the implementations stand on, and how it is set. */
export function checkKernel(view: View): Finding[] {
  return [version(view), ...mechanisms(view), ioUringSwitch(view), compiler(view), hardening(view), unprivileged(view)];
}

/** XDP_MAX_TX_SKB_BUDGET. */
const sendBudget: [number, number] = [6, 17];

function version({ text }: View): Finding {
  const why = 'The load generator sends by XDP live frames, which came with Linux 5.18.';
  const release = text('/proc/sys/kernel/osrelease');
  if (release === null) return finding('kernel', why, notToldHere);
  const state = `Linux ${release}`;
  if (isOlder(release, since.LIVE_FRAMES))
    return finding('kernel', why, { level: 'cannot-run', state, remedy: 'boot Linux 5.18 or newer (iouring: 6.1)' });
  if (!isOlder(release, sendBudget)) return finding('kernel', why, { level: 'fine', state });
  const slower = 'One system call of afxdp sends at most 32 frames; from Linux 6.17 on it may send 256.';
  return finding('kernel', slower, { level: 'could-be-better', state, remedy: 'boot Linux 6.17 or newer' });
}

const needed: readonly { mechanism: Mechanism; id: string; has: string; why: string }[] = [
  {
    mechanism: 'xdpProgram',
    id: 'xdp-programs',
    has: 'one was loaded',
    why: 'afxdp steers with one, xdp is one, and each load at a rate is checked by one.',
  },
  { mechanism: 'xdpSocket', id: 'af-xdp', has: 'a socket was made', why: 'afxdp receives and sends through them.' },
  {
    mechanism: 'packetSocket',
    id: 'af-packet',
    has: 'a socket and its ring were made',
    why: 'afpacket receives and sends through them.',
  },
  { mechanism: 'ioUring', id: 'io-uring', has: 'a ring was made', why: 'iouring receives and sends through them.' },
];

function mechanisms({ answers }: View): Finding[] {
  if ('failure' in answers) {
    const why = 'Without them the kernel was not asked what it allows, nor what a driver can do of XDP.';
    return [finding('datapaths', why, { level: 'cannot-run', state: answers.failure, remedy: answers.remedy })];
  }
  return needed.map(({ mechanism, id, has, why }) => {
    const refusal = answers.refusals[mechanism];
    if (refusal === null) return finding(id, why, { level: 'fine', state: has });
    // The refusal says what to do about it in its own words.
    return finding(id, why, { level: 'cannot-run', state: refusal, remedy: null });
  });
}

function ioUringSwitch({ text }: View): Finding {
  const why = 'Distributions and hosts of containers switch io_uring off; iouring cannot run then.';
  const value = text('/proc/sys/kernel/io_uring_disabled');
  if (value === null)
    return finding('io-uring-switch', why, {
      level: 'not-told',
      state: 'the kernel has no such switch (it came with Linux 6.6)',
    });
  if (value === '2')
    return finding('io-uring-switch', why, {
      level: 'cannot-run',
      state: 'off for all',
      remedy: 'sysctl kernel.io_uring_disabled=0',
    });
  return finding('io-uring-switch', why, { level: 'fine', state: value === '1' ? 'on for root' : 'on for all' });
}

function compiler({ text }: View): Finding {
  const why = 'Without it XDP programs are interpreted, some times slower: it is not what others would measure.';
  const value = text('/proc/sys/net/core/bpf_jit_enable');
  if (value === null) return finding('bpf-jit', why, notToldHere);
  const remedy = 'sysctl net.core.bpf_jit_enable=1';
  if (value === '0') return finding('bpf-jit', why, { level: 'not-trusted', state: 'off', remedy });
  if (value === '2')
    return finding('bpf-jit', why, { level: 'could-be-better', state: 'on, and prints all that it compiles', remedy });
  return finding('bpf-jit', why, { level: 'fine', state: 'on' });
}

function hardening({ text }: View): Finding {
  const why = "It blinds constants in XDP programs at the cost of instructions; 1 spares root's programs.";
  const value = text('/proc/sys/net/core/bpf_jit_harden');
  if (value === null) return finding('bpf-jit-harden', why, notToldHere);
  if (value !== '2')
    return finding('bpf-jit-harden', why, { level: 'fine', state: value === '1' ? "off for root's programs" : 'off' });
  const remedy = 'sysctl net.core.bpf_jit_harden=1';
  return finding('bpf-jit-harden', why, { level: 'could-be-better', state: 'on for all programs', remedy });
}

function unprivileged({ text }: View): Finding {
  const why = 'It is about users that are not root; a benchmark loads its programs as root.';
  const value = text('/proc/sys/kernel/unprivileged_bpf_disabled');
  if (value === null) return finding('unprivileged-bpf', why, notToldHere);
  return finding('unprivileged-bpf', why, {
    level: 'fine',
    state: value === '0' ? 'eBPF is allowed to all users' : 'eBPF is left to root',
  });
}
