import { clientSides, type ForeignTime, type HostSide, isOnServer } from '../../model/host-use.js';
import type { CompletedRun } from '../../model/record.js';

/** Above this share of a CPU used by others over the measure phase, a reader is told. */
const noticeable = 0.05;
/** Above this one on an invoker's CPU, the run measures the others. */
const mostForeign = 0.2;
/** Above this share of its time in which a quota held the processes back, a run measures the quota. */
const mostThrottled = 0.1;
/** By so much of its standard deviation may a sampled time be off before it counts. */
const deviations = 2;
/** The kernel samples what a CPU does at least 100 times a second. */
const sampleNs = 10e6;

/** Why others on its CPUs, or a quota, keep a run from being quoted. */
export function foreignObjections(run: CompletedRun): string[] {
  const { invokerCpus } = run.cell.placement;
  const crowded = run.foreign.filter(
    (time) => isOnServer(time, invokerCpus) && time.ns > mostForeign * phaseNs(run) + uncertaintyNs(run, time),
  );
  const reasons = crowded.map((time) => `others used ${percent(time.ns / phaseNs(run))} of ${nameOf(time)} (see top)`);
  const held = throttledRatio(run);
  if (held > mostThrottled)
    reasons.push(`a CPU quota${ofHost(run.quota?.host)} held its processes back for ${percent(held)} of the time`);
  return reasons;
}

/** What a reader should know of others on the CPUs of a run that is valid all the same, and of a quota. */
export function foreignRemarks(run: CompletedRun): string[] {
  const remarks = run.foreign
    .filter((time) => time.ns > noticeable * phaseNs(run) + uncertaintyNs(run, time))
    .map((time) => `others used more than ${percent(noticeable)} of ${nameOf(time)}`);
  const used = quotaCpuCount(run);
  if (run.quota !== null && run.quota.cpus < used) {
    const held = `${Math.round(run.quota.throttledNs / 1e6)} ms of the measure phase`;
    const what = `a quota of ${run.quota.cpus} CPUs${ofHost(run.quota.host)}, of ${used} used`;
    remarks.push(`${what}, held its processes back for ${held}`);
  }
  return remarks;
}

/**
 * How far user and system time may be off: the kernel looks at each tick what a CPU does, so that a share p of n looks
 * is known to a standard deviation of sqrt(p (1 - p) / n), that of a binomial distribution.
 */
function uncertaintyNs(run: CompletedRun, { host, cpu }: ForeignTime): number {
  const time = run.cpu.find((entry) => entry.host === host && entry.cpu === cpu);
  if (time === undefined) return 0;
  const wholeNs = phaseNs(run);
  const share = Math.min(1, (time.userNs + time.systemNs) / wholeNs);
  return deviations * Math.sqrt(share * (1 - share) * sampleNs * wholeNs);
}

/** Of the time of all CPUs that the cell uses on the host that has the quota. */
function throttledRatio(run: CompletedRun): number {
  return run.quota === null ? 0 : run.quota.throttledNs / (phaseNs(run) * quotaCpuCount(run));
}

/** How many CPUs the cell uses on the host that has the quota. */
function quotaCpuCount({ quota, cell: { placement } }: CompletedRun): number {
  const host = quota?.host ?? 'one';
  const ofServer = [...placement.invokerCpus, placement.housekeepingCpu];
  const sides = clientSides(placement.clients.length);
  const ofClients = placement.clients
    .filter((_, index) => host === 'one' || host === sides[index])
    .flatMap(({ generatorCpus, housekeepingCpu }) => [...generatorCpus, housekeepingCpu]);
  return new Set([...(host === 'one' || host === 'server' ? ofServer : []), ...ofClients]).size;
}

/** CPU numbers are those of a host. */
const nameOf = ({ host, cpu }: ForeignTime) => `CPU ${cpu}${ofHost(host)}`;

/** Nothing where there is one. */
const ofHost = (host: HostSide = 'one') => (host === 'one' ? '' : /\d$/.test(host) ? ` of ${host}` : ` of the ${host}`);

function phaseNs({ windows, cell }: CompletedRun): number {
  const window = windows.find(({ phase }) => phase === 'measure');
  return window === undefined ? cell.durationNs : window.endNs - window.beginNs;
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(0)} %`;
}
