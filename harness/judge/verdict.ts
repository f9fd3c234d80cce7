import { abilities } from '../../impls/abilities.js';
import type { Cell } from '../../model/cell.js';
import { isPaced } from '../../model/cell.js';
import { type CpuTime, isOnClient, isOnServer } from '../../model/host-use.js';
import { type CompletedRun, perSecond, shortestForCpuTimeNs, type Window } from '../../model/record.js';
import type { LimitLabel } from '../../model/summary.js';
import { foreignObjections } from './foreign.js';

/** Above this ratio of requests that nothing explains to those measured, a run proves nothing. */
const maxResidualRatio = 0.001;
/** Above this share of its CPUs' time taken by the hypervisor, a run measures the host's other guests. */
const maxStealRatio = 0.1;
/** The kernel tells what each CPU's time was used for in whole ticks. */
const tickNs = 10e6;
/** Below this multiple of the result, the generator's ceiling may be what was measured. */
export const generatorHeadroom = 1.2;
/** A generator that sends less of what the schedule asks for cannot keep up. */
const generatorKeepsUp = 0.9;
/** Above this loss at the measured rate something overflows. */
const overflowRatio = 0.005;
/** A CPU with less idle time than this is busy. */
const busyIdleRatio = 0.1;

/** The window of the measure phase. */
export function measureWindow(run: CompletedRun): Window | null {
  return run.windows.find(({ phase }) => phase === 'measure') ?? null;
}

/** Why a run must not be quoted; empty if it may. */
export function objections(run: CompletedRun): string[] {
  const { cell, ledger, handledByThread, receivedByQueue } = run;
  const window = measureWindow(run);
  const reasons: string[] = [];
  if (window === null) reasons.push('the measure phase is missing');
  if (cell.load.kind !== 'none') {
    if (window?.replied === 0) reasons.push('no reply came back in the measure phase');
    if (window && window.replied > 0 && window.checked === 0) reasons.push('no reply was checked');
    if (window && window.replied > 0) reasons.push(...silentClients(run));
  }
  // A closed loop's few connections need not reach every thread: that is a limit of the cell, not a fault.
  if (isPaced(cell.load)) {
    handledByThread.forEach((count, thread) => {
      if (count === 0) reasons.push(`invoker thread ${thread} stayed idle`);
    });
    receivedByQueue.forEach((count, queue) => {
      if (count === 0) reasons.push(`RX queue ${queue} stayed idle`);
    });
  }
  if (ledger.wrong > 0) reasons.push(`${ledger.wrong} wrong replies`);
  if (residualRatio(run) > maxResidualRatio) {
    reasons.push(`${ledger.residual} requests are unaccounted for, more than 0.1 % of those measured${lostBy(run)}`);
  }
  if (abilities[cell.implementation].receives === 'xdp' && run.granted.attach !== attachOf(cell))
    reasons.push(`XDP attached in mode ${run.granted.attach} instead of ${attachOf(cell)}`);
  const unserved = run.counters.invoker.shared.steerUnservedQueue ?? 0;
  if (unserved > 0) reasons.push(`${unserved} requests came in on RX queues that are not served`);
  if (cell.implementation === 'afxdp') reasons.push(...afxdpObjections(run));
  const { stealNs, totalNs, uncertaintyNs } = stolen(run);
  if (stealNs > maxStealRatio * totalNs + uncertaintyNs) {
    const percent = (100 * (stealNs / totalNs)).toFixed(0);
    reasons.push(`the hypervisor took ${percent} % of the CPU time (more than ${100 * maxStealRatio} %)`);
  }
  reasons.push(...foreignObjections(run));
  return reasons;
}

/**
 * Requests that no counter explains, as a ratio to those sent in the measure phase. The ledger is of the whole run, with
 * warm-up, search and overload, and does not tell in which phase a request went missing: all may have been measured ones.
 * Where the phase sent nothing, the ratio is to all that was sent.
 */
export function residualRatio(run: CompletedRun): number {
  const { sent, residual } = run.ledger;
  const measured = measureWindow(run)?.sent ?? 0;
  const base = measured > 0 ? Math.min(sent, measured) : sent;
  return base === 0 ? 0 : Math.abs(residual) / base;
}

/** Clients that offered their share and heard nothing. */
function silentClients({ clients }: CompletedRun): string[] {
  const silent = clients.filter(({ window }) => window !== null && window.sent > 0 && window.replied === 0);
  return silent.map(({ host }) => `no reply came back to ${host} in the measure phase`);
}

/** Which clients' requests have no reply; blank of a single client. */
function lostBy({ clients }: CompletedRun): string {
  if (clients.length === 0) return '';
  const parts = clients.map(({ host, generator }) => `${(generator.sent ?? 0) - (generator.replied ?? 0)} of ${host}`);
  return ` (without a reply: ${parts.join(', ')})`;
}

function attachOf({ settings }: Cell): 'native' | 'skb' {
  return settings.attach ?? 'native';
}

/** What the AF_XDP invoker was granted, and whether its frames add up at the end. */
function afxdpObjections({ cell, granted, counters }: CompletedRun): string[] {
  const { shared } = counters.invoker;
  const reasons: string[] = [];
  const copyMode = cell.settings.copyMode ?? 'copy';
  // `auto` takes what the driver grants.
  if (copyMode !== 'auto' && granted.copyMode !== copyMode)
    reasons.push(`AF_XDP bound in mode ${granted.copyMode} instead of ${copyMode}`);
  const missing = (shared.framesTotal ?? 0) - (shared.framesAccounted ?? 0);
  if (missing !== 0) reasons.push(`${missing} frames of the UMEM are unaccounted for`);
  // The one frame a queue that it took from the fill ring for a packet it then had to drop. A zero-copy driver keeps its ring.
  const kept = shared.framesInKernel ?? 0;
  if (granted.copyMode === 'copy' && kept > cell.queues) reasons.push(`the kernel keeps ${kept} frames of the UMEM`);
  const invalid = (shared.xskRxInvalid ?? 0) + (shared.xskTxInvalid ?? 0);
  if (invalid > 0) reasons.push(`${invalid} invalid descriptors`);
  return reasons;
}

/**
 * Steal time of generator's and invoker's CPUs over the measure phase, and their whole time. The difference of two
 * readings may be off by a tick a CPU.
 */
export function stolen({ cell, cpu }: CompletedRun): { stealNs: number; totalNs: number; uncertaintyNs: number } {
  const { clients, invokerCpus } = cell.placement;
  const own = cpu.filter((time) => isOnClient(time, clients) || isOnServer(time, invokerCpus));
  return {
    stealNs: own.reduce((sum, time) => sum + time.stealNs, 0),
    totalNs: own.reduce((sum, time) => sum + wholeNs(time), 0),
    uncertaintyNs: own.length * tickNs,
  };
}

/**
 * The side that kept a run from giving more; `none` where nothing tells. `ceilingPerSecond`: what its generator sends
 * without an invoker, where that was measured.
 */
export function limitOf(run: CompletedRun, ceilingPerSecond: number | null): LimitLabel {
  const { cell, ledger, cpu } = run;
  const window = measureWindow(run);
  if (cell.load.kind === 'none' || window === null) return 'none';
  if (run.handledByThread.some((count) => count === 0)) return 'config';
  if (!isPaced(cell.load)) return 'none';
  // It is measured at the NDR, or else at the PDR.
  if ((run.capacity?.ndr ?? run.capacity?.pdr)?.boundBy === 'generator') return 'generator';
  const reach = reachOf(run, window, ceilingPerSecond);
  if (reach !== null && reach < generatorHeadroom * perSecond(window, window.replied)) return 'generator';

  const lost = (where: RegExp) =>
    ledger.drops.filter(({ name }) => where.test(name)).reduce((sum, { count }) => sum + count, 0);
  if (overflows(window)) {
    const most = lost(/./) / 2;
    if (lost(/by the client's interface/) > most) return 'generator';
    return lost(/receive (ring|queue)|on the way|by the server's interface/) > most ? 'path' : 'invoker';
  }
  // A spinning CPU is always busy, which says nothing; so is the generator's, on which XDP runs.
  if (cell.idle !== 'poll' || abilities[cell.implementation].threads === 'none') return 'none';
  if (cell.durationNs < shortestForCpuTimeNs) return 'none';
  const own = cpu.filter((time) => isOnServer(time, cell.placement.invokerCpus));
  return own.length > 0 && own.every(isBusy) ? 'invoker' : 'none';
}

/**
 * Requests a second that the generator of a run can send, null where nothing tells: what it was seen to send as fast as it
 * can or what it sends without an invoker, whichever is more, but no more than it sent where it fell short of its schedule.
 */
export function reachOf(run: CompletedRun, measured: Window, ceilingPerSecond: number | null): number | null {
  if (!isPaced(run.cell.load)) return null;
  const overload = run.windows.find(({ phase }) => phase === 'overload');
  const seen = overload ? perSecond(overload, overload.sent) : null;
  const ceiling = seen === null && ceilingPerSecond === null ? null : Math.max(seen ?? 0, ceilingPerSecond ?? 0);
  const short = measured.sent < generatorKeepsUp * measured.offered;
  return short ? Math.min(ceiling ?? Number.POSITIVE_INFINITY, perSecond(measured, measured.sent)) : ceiling;
}

/** Whether more was lost of a window than chance takes: something had no room. */
function overflows({ sent, replied }: Window): boolean {
  return sent - replied > overflowRatio * sent;
}

/** The share (0..1) of the measure phase in which the invoker thread that stalled most did not run; null if unknown. */
export function stalledRatio({ stalls, windows }: CompletedRun): number | null {
  const window = windows.find(({ phase }) => phase === 'measure');
  const known = stalls.invoker.filter((ns) => ns !== null);
  return window === undefined || known.length === 0 ? null : Math.max(...known) / (window.endNs - window.beginNs);
}

function isBusy(time: CpuTime): boolean {
  return time.idleNs < busyIdleRatio * wholeNs(time);
}

/** All time of a CPU, whatever it was used for. */
export function wholeNs({ userNs, systemNs, softirqNs, idleNs, stealNs }: CpuTime): number {
  return userNs + systemNs + softirqNs + idleNs + stealNs;
}
