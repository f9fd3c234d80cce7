import type { Cell } from '../../model/cell.js';
import type { CpuClasses } from '../../model/detail.js';
import { type CpuTime, type ForeignTime, isOnClient, isOnServer } from '../../model/host-use.js';
import { type CompletedRun, shortestForCpuTimeNs, type Window } from '../../model/record.js';
import type { CellSummary } from '../../model/summary.js';
import { wholeNs } from './verdict.js';

/** The kernel tells idle time in ticks of 10 ms: of less busy time than this, the next tick would be a tenth. */
const leastBusyNs = 100e6;

/** Null without a reading, without a reply, or of a measure phase or a busy time too short for ticks. */
export function costOf(run: CompletedRun, { replied }: Window): CellSummary['cpuNsPerReply'] {
  const { cpu, cell } = run;
  if (cpu.length === 0 || replied === 0 || cell.durationNs < shortestForCpuTimeNs) return null;
  const ofInvoker = busyNs(invokerTimes(run));
  if (ofInvoker < leastBusyNs) return null;
  return { invoker: ofInvoker / replied, total: busyNs(cpu.filter((time) => isOfCell(run, time))) / replied };
}

/** The total of `costOf` by class; what others used is user and system time, and is taken from these in proportion. */
export function classesOf(run: CompletedRun, window: Window): CpuClasses | null {
  if (costOf(run, window) === null) return null;
  const times = run.cpu.filter((time) => isOfCell(run, time));
  const sum = (of: (time: CpuTime) => number) => times.reduce((all, time) => all + of(time), 0) / window.replied;
  const [user, system] = [sum(({ userNs }) => userNs), sum(({ systemNs }) => systemNs)];
  const foreign = run.foreign.filter((time) => isOfCell(run, time)).reduce((all, { ns }) => all + ns, 0);
  const other = Math.min(foreign / window.replied, user + system);
  const own = user + system === 0 ? 0 : 1 - other / (user + system);
  return { user: user * own, system: system * own, softirq: sum(({ softirqNs }) => softirqNs), other };
}

/** Joules a reply of packages and memory of the server's host; null without a counter or a reply. */
export function joulesOf({ energy }: CompletedRun, { replied }: Window): number | null {
  const ofServer = energy.filter(({ host }) => host === 'one' || host === 'server');
  if (ofServer.length === 0 || replied === 0) return null;
  return ofServer.reduce((sum, { joules }) => sum + joules, 0) / replied;
}

/** Busy share of the CPUs of the invoker's threads over the measure phase; null without a reading, or of a phase too short for ticks. */
export function busyRatio(run: CompletedRun): number | null {
  const times = invokerTimes(run);
  const whole = times.reduce((sum, time) => sum + wholeNs(time), 0);
  return whole === 0 || run.cell.durationNs < shortestForCpuTimeNs ? null : busyNs(times) / whole;
}

/** Whether a CPU is one that the cell was given, for whatever. */
export function isOfCell(
  { cell: { placement } }: { cell: Pick<Cell, 'placement'> },
  time: Pick<ForeignTime, 'host' | 'cpu'>,
): boolean {
  const ofServer = [...placement.invokerCpus, ...placement.irqCpus, placement.housekeepingCpu];
  return (
    isOnServer(time, ofServer) ||
    isOnClient(time, placement.clients, ({ generatorCpus, housekeepingCpu }) => [...generatorCpus, housekeepingCpu])
  );
}

export function busyNs(times: readonly CpuTime[]): number {
  return times.reduce((sum, time) => sum + time.userNs + time.systemNs + time.softirqNs, 0);
}

function invokerTimes({ cpu, cell }: CompletedRun): CpuTime[] {
  return cpu.filter((time) => isOnServer(time, cell.placement.invokerCpus));
}
