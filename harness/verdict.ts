import type { CompletedRun, CpuTime, LimitLabel, Window } from './model.js';

/** Above this share of sent requests that nothing explains, a run proves nothing. */
const maxResidualRatio = 0.001;
/** Above this share of its CPUs' time taken by the hypervisor, a run measures the host's other guests. */
const maxStealRatio = 0.1;
/** Below this multiple of the result, the generator's ceiling may be what was measured. */
const generatorHeadroom = 1.2;
/** A CPU with less idle time than this is busy. */
const busyIdleRatio = 0.1;

/** The window of the measure phase. */
export function measureWindow(run: CompletedRun): Window | null {
  return run.windows.find(({ phase }) => phase === 'measure') ?? null;
}

/** Why a run must not be quoted; empty if it may. */
export function objections(run: CompletedRun): string[] {
  const { cell, ledger, handledByThread, receivedByQueue, granted } = run;
  const window = measureWindow(run);
  const reasons: string[] = [];
  if (window === null) reasons.push('the measure phase is missing');
  if (cell.load.kind !== 'none') {
    if (window?.replied === 0) reasons.push('no reply came back in the measure phase');
    if (window && window.replied > 0 && window.checked === 0) reasons.push('no reply was checked');
    handledByThread.forEach((count, thread) => {
      if (count === 0) reasons.push(`invoker thread ${thread} stayed idle`);
    });
  }
  if (cell.load.kind === 'saturate') {
    receivedByQueue.forEach((count, queue) => {
      if (count === 0) reasons.push(`RX queue ${queue} stayed idle`);
    });
  }
  if (ledger.wrong > 0) reasons.push(`${ledger.wrong} wrong replies`);
  if (ledger.sent > 0 && Math.abs(ledger.residual) > maxResidualRatio * ledger.sent) {
    reasons.push(`${ledger.residual} of ${ledger.sent} requests are unaccounted for`);
  }
  if (cell.implementation === 'afxdp' && granted.attach !== 'native') {
    reasons.push(`XDP attached in mode ${granted.attach} instead of native`);
  }
  const steal = stealRatio(run);
  if (steal > maxStealRatio) {
    reasons.push(
      `the hypervisor took ${(100 * steal).toFixed(0)} % of the CPU time (more than ${100 * maxStealRatio} %)`,
    );
  }
  return reasons;
}

/** Steal time of the cell's CPUs over the measure phase, of their whole time. */
export function stealRatio({ cell, cpu }: CompletedRun): number {
  const { generatorCpus, invokerCpus } = cell.placement;
  const own = cpu.filter((time) => generatorCpus.includes(time.cpu) || invokerCpus.includes(time.cpu));
  const total = own.reduce((sum, time) => sum + wholeNs(time), 0);
  return total === 0 ? 0 : own.reduce((sum, time) => sum + time.stealNs, 0) / total;
}

/** The side that kept a run from giving more. */
export function limitOf(run: CompletedRun): LimitLabel {
  const { cell, ledger, cpu } = run;
  const window = measureWindow(run);
  if (cell.load.kind !== 'saturate' || window === null) return 'none';
  const overload = run.windows.find(({ phase }) => phase === 'overload');
  if (overload && perSecond(overload, overload.sent) < generatorHeadroom * perSecond(window, window.replied)) {
    return 'generator';
  }
  const own = cpu.filter((time) => cell.placement.invokerCpus.includes(time.cpu));
  const busy = own.length > 0 && own.every(isBusy);
  const overflows = ledger.drops.some(({ name }) => /^(XSK RX ring|XSK fill ring|socket buffer)/.test(name));
  if (busy || overflows) return 'invoker';
  return ledger.drops.some(({ name }) => /receive (ring|queue)/.test(name)) ? 'path' : 'none';
}

/** A count of a window as a rate. */
export function perSecond(window: Window, count: number): number {
  return (count * 1e9) / (window.endNs - window.beginNs);
}

function isBusy(time: CpuTime): boolean {
  return time.idleNs < busyIdleRatio * wholeNs(time);
}

function wholeNs({ userNs, systemNs, softirqNs, idleNs, stealNs }: CpuTime): number {
  return userNs + systemNs + softirqNs + idleNs + stealNs;
}
