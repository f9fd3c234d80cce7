import { abilities } from '../../impls/abilities.js';
import { isPaced } from '../../model/cell.js';
import type { CompletedRun, CpuTime, Sample, Window } from '../../model/record.js';
import { perSecond } from '../../model/record.js';
import type { LimitLabel } from '../../model/summary.js';
import { hiccupLine } from './ledger.js';

/** Above this share of sent requests that nothing explains, a run proves nothing. */
const maxResidualRatio = 0.001;
/** Above this share of its CPUs' time taken by the hypervisor, a run measures the host's other guests. */
const maxStealRatio = 0.1;
/** Below this multiple of the result, the generator's ceiling may be what was measured. */
export const generatorHeadroom = 1.2;
/** A generator that sends less of what the schedule asks for cannot keep up. */
const generatorKeepsUp = 0.9;
/** Above this loss at the measured rate, but for what was lost in hiccups, something overflows. */
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
  if (ledger.sent > 0 && Math.abs(ledger.residual) > maxResidualRatio * ledger.sent) {
    reasons.push(`${ledger.residual} of ${ledger.sent} requests are unaccounted for`);
  }
  if (abilities[cell.implementation].receives === 'xdp' && run.granted.attach !== 'native')
    reasons.push(`XDP attached in mode ${run.granted.attach} instead of native`);
  if (cell.implementation === 'afxdp') reasons.push(...afxdpObjections(run));
  const steal = stealRatio(run);
  if (steal > maxStealRatio) {
    reasons.push(
      `the hypervisor took ${(100 * steal).toFixed(0)} % of the CPU time (more than ${100 * maxStealRatio} %)`,
    );
  }
  return reasons;
}

/** What the AF_XDP invoker was granted, and whether its frames add up at the end. */
function afxdpObjections({ cell, granted, counters }: CompletedRun): string[] {
  const { shared } = counters.invoker;
  const reasons: string[] = [];
  if (granted.copyMode !== 'copy') reasons.push(`AF_XDP bound in mode ${granted.copyMode} instead of copy`);
  const missing = (shared.framesTotal ?? 0) - (shared.framesAccounted ?? 0);
  // The kernel keeps the one frame a queue that it took from the fill ring for a packet it then had to drop.
  if (missing > cell.queues || missing < 0) reasons.push(`${missing} frames of the UMEM are unaccounted for`);
  const invalid = (shared.xskRxInvalid ?? 0) + (shared.xskTxInvalid ?? 0);
  if (invalid > 0) reasons.push(`${invalid} invalid descriptors`);
  return reasons;
}

/** Steal time of the cell's CPUs over the measure phase, of their whole time. */
export function stealRatio({ cell, cpu }: CompletedRun): number {
  const { generatorCpus, invokerCpus } = cell.placement;
  const own = cpu.filter((time) => generatorCpus.includes(time.cpu) || invokerCpus.includes(time.cpu));
  const total = own.reduce((sum, time) => sum + wholeNs(time), 0);
  return total === 0 ? 0 : own.reduce((sum, time) => sum + time.stealNs, 0) / total;
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
  const overload = run.windows.find(({ phase }) => phase === 'overload');
  // What it was seen to send with the invoker running it can send, whatever a short look without one gave.
  const seen = overload ? perSecond(overload, overload.sent) : 0;
  const ceiling =
    overload || ceilingPerSecond !== null ? Math.max(seen, ceilingPerSecond ?? 0) : Number.POSITIVE_INFINITY;
  // A generator that fell short of its schedule showed there what it can reach.
  const short = window.sent < generatorKeepsUp * window.offered;
  const reach = short ? Math.min(ceiling, perSecond(window, window.sent)) : ceiling;
  if (reach < generatorHeadroom * perSecond(window, window.replied)) return 'generator';

  const onPath = ledger.drops
    .filter(({ name }) => /receive (ring|queue)/.test(name))
    .reduce((sum, { count }) => sum + count, 0);
  const dropped = ledger.drops.reduce((sum, { count }) => sum + count, 0);
  // Where threads share a CPU, what one lost while another ran is what the invoker can do there.
  const ownCpus = cell.placement.sharing === 'exclusive';
  const inHiccups = ownCpus ? (ledger.drops.find(({ name }) => name === hiccupLine)?.count ?? 0) : 0;
  if (overflows(run, window)) return onPath > (dropped - inHiccups) / 2 ? 'path' : 'invoker';
  // A spinning CPU is always busy, which says nothing; so is the generator's, on which XDP runs.
  if (cell.idle !== 'poll' || abilities[cell.implementation].threads === 'none') return 'none';
  const own = cpu.filter((time) => cell.placement.invokerCpus.includes(time.cpu));
  return own.length > 0 && own.every(isBusy) ? 'invoker' : 'none';
}

/** Whether more was lost of a window than the threads of the invoker lost while they did not run. */
function overflows({ cell, samples }: CompletedRun, window: Window): boolean {
  const inHiccups = cell.placement.sharing === 'exclusive' ? lostInHiccups(samples, window) : 0;
  return window.sent - window.replied - inHiccups > overflowRatio * window.sent;
}

/** What the invoker's threads lost while they did not run, from the last sample before the window to the first after it. */
function lostInHiccups(samples: readonly Sample[], { beginNs, endNs }: Window): number {
  const ofInvoker = samples.filter(({ source }) => source === 'invoker');
  const first = ofInvoker.findLast(({ atNs }) => atNs <= beginNs);
  const last = ofInvoker.find(({ atNs }) => atNs >= endNs) ?? ofInvoker.at(-1);
  return (last?.counters.hiccupLost ?? 0) - (first?.counters.hiccupLost ?? 0);
}

function isBusy(time: CpuTime): boolean {
  return time.idleNs < busyIdleRatio * wholeNs(time);
}

/** All time of a CPU, whatever it was used for. */
export function wholeNs({ userNs, systemNs, softirqNs, idleNs, stealNs }: CpuTime): number {
  return userNs + systemNs + softirqNs + idleNs + stealNs;
}
