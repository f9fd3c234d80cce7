import { formatCpuList, parseCpuList } from '../../common/cli/cpu-list.js';
import { count } from '../../common/cli/text.js';
import type { Cpus } from '../../common/process/cpus.js';
import { readQuota } from '../../common/process/quota.js';
import { type Finding, finding, notToldHere } from './finding.js';
import type { View } from './view.js';

/** Which CPUs there are, and whose they are. */
export function checkCpus(view: View): Finding[] {
  const { cpus } = view;
  return [
    number(cpus),
    quota(view, cpus),
    hyperThreads(view, cpus),
    isolation(view, cpus),
    clock(view),
    hypervisor(view),
  ];
}

/** Invoker, generator and harness on one each: with less some share, and a core must be left to the rest of the system. */
const enoughCpus = 4;

function number({ cpus }: Cpus): Finding {
  const why = 'Invoker, load generator and harness want a CPU each, and the rest of the system one more.';
  const state = `${count(cpus.length, 'CPU')} for this process: ${formatCpuList(cpus) || 'none'}`;
  const remedy = 'give this container, guest or shell more CPUs (taskset -pc $$ shows what a shell has)';
  if (cpus.length < 2) return finding('cpus', why, { level: 'cannot-run', state, remedy });
  return finding(
    'cpus',
    why,
    cpus.length < enoughCpus ? { level: 'could-be-better', state, remedy } : { level: 'fine', state },
  );
}

function quota({ readText }: View, { cpus }: Cpus): Finding {
  const why =
    'A process that has used up its quota stands still for up to 0.1 s, and a server loses requests meanwhile.';
  const limit = readQuota(readText);
  if (limit === null) return finding('cpu-quota', why, { level: 'fine', state: 'no quota of CPU time' });
  const state = `CPU time of ${count(Number(limit.cpus.toFixed(2)), 'CPU')}, of ${cpus.length}`;
  if (limit.cpus >= cpus.length) return finding('cpu-quota', why, { level: 'fine', state });
  const remedy = 'start it without a CPU limit (docker run without --cpus, a systemd unit without CPUQuota=)';
  return finding('cpu-quota', why, { level: 'not-trusted', state, remedy });
}

function hyperThreads({ text }: View, { siblings }: Cpus): Finding {
  const why =
    'Two hardware threads of a core share it: a thread is slower while the other one is busy. A run keeps to cores of ' +
    'its own where it can; what else runs on the machine does not.';
  const shared = siblings.filter((group) => group.length > 1);
  if (shared.length === 0) {
    const control = text('/sys/devices/system/cpu/smt/control');
    // A guest is often told that it has one thread a core, whatever the truth is.
    return control === null
      ? finding('smt', why, notToldHere)
      : finding('smt', why, { level: 'fine', state: 'one thread a core, as far as the kernel sees' });
  }
  const state = `on, ${Math.max(...shared.map((group) => group.length))} threads a core (CPUs ${shared[0]?.join(' and ')} share one)`;
  return finding('smt', why, {
    level: 'could-be-better',
    state,
    remedy: 'echo off > /sys/devices/system/cpu/smt/control',
  });
}

function isolation({ text }: View, { cpus, siblings }: Cpus): Finding {
  const why =
    "The scheduler and the kernel's own work stay off isolated CPUs; on others they interrupt what is measured.";
  const isolated = text('/sys/devices/system/cpu/isolated');
  if (isolated === null) return finding('isolation', why, notToldHere);
  if (isolated !== '') {
    return finding('isolation', why, {
      level: 'fine',
      state: `CPUs ${isolated} are isolated: a run takes them by --cpus ${isolated}`,
    });
  }
  if (cpus.length < enoughCpus)
    return finding('isolation', why, {
      level: 'fine',
      state: `none, and ${count(cpus.length, 'CPU')} leave none to isolate`,
    });
  // Two cores for the rest of the system, with both threads of each.
  const kept = new Set(siblings.slice(0, 2).flat());
  const list = formatCpuList(cpus.filter((cpu) => !kept.has(cpu)));
  return finding('isolation', why, {
    level: 'could-be-better',
    state: 'no CPU is isolated',
    remedy: `boot with isolcpus=domain,managed_irq,${list} nohz_full=${list} rcu_nocbs=${list}`,
  });
}

const folder = '/sys/devices/system/clocksource/clocksource0';
/** Read by a system call and a slow device: a microsecond or more, where a counter of the CPU takes 20 ns. */
const slowClocks = ['hpet', 'acpi_pm', 'jiffies', 'pit', 'refined-jiffies', 'xen'];

function clock({ text }: View): Finding {
  const why = 'The clock is read for each timed request; a slow one is part of each round trip.';
  const source = text(`${folder}/current_clocksource`);
  if (source === null) return finding('clock', why, notToldHere);
  if (!slowClocks.includes(source)) return finding('clock', why, { level: 'fine', state: source });
  const others = (text(`${folder}/available_clocksource`) ?? '').split(' ');
  const better = others.find((name) => name !== '' && !slowClocks.includes(name));
  return finding('clock', why, {
    level: 'not-trusted',
    state: `${source}, a slow one`,
    remedy: better === undefined ? null : `echo ${better} > ${folder}/current_clocksource`,
  });
}

/** As a run is judged (docs/shared-hosts.md). */
const mostStolen = 0.1;

function hypervisor({ hypervisor: name, watched }: View): Finding {
  const why =
    'Other guests share the cores unseen: absolute figures of two runs may differ by half. Ratios within a run hold better.';
  if (name === 'none') return finding('hypervisor', why, { level: 'fine', state: 'none: bare metal' });
  const { ns, cpus } = watched;
  const share = cpus.reduce((sum, { stealNs }) => sum + stealNs, 0) / (ns * Math.max(1, cpus.length));
  const state = `a guest, whose hypervisor (${name}) took ${(100 * share).toFixed(0)} % of the CPU time just now`;
  if (share > mostStolen)
    return finding('hypervisor', why, {
      level: 'not-trusted',
      state,
      remedy: 'measure on bare metal, or when its other guests are quiet',
    });
  const remedy = 'compare by turns: npm run compare -- --pair afxdp/recvmmsg (docs/shared-hosts.md)';
  return finding('hypervisor', why, { level: 'could-be-better', state, remedy });
}

/** Every CPU that is online, whoever may use it: what is set for one of them matters to its neighbours. */
export function onlineCpus({ text }: View): number[] {
  return parseCpuList(text('/sys/devices/system/cpu/online') ?? '');
}
