import { onVeth } from '../../harness/plan/placement.js';
import { planCells } from '../../harness/plan/plan.js';
import { readScenario, type ScenarioFlags } from '../../harness/question/scenario.js';
import { cannot, variantOf } from '../../impls/abilities.js';
import type { Cell, Load, PlannedCell } from '../../model/cell.js';
import type { CpuTime } from '../../model/host-use.js';
import type { ImplementationId } from '../../model/ids.js';
import type {
  Capacity,
  CompletedRun,
  FailedRun,
  InvokerCounters,
  Ledger,
  PhaseName,
  Prologue,
  SkippedRun,
  Window,
} from '../../model/record.js';
import { schemaVersion } from '../../model/record.js';
import { plainHost } from './hosts.js';
import { fakeSummary } from './summary.js';

const runId = '20261122-094300-3f9a';
const startedAt = '2026-11-22T09:43:00.000Z';

/** A cell of 200-byte frames at 1T1Q: generator on CPU 0, invoker on CPU 3, harness on CPU 1. */
export function fakeRunCell(implementation: ImplementationId, load: Load, changes: Partial<Cell> = {}): Cell {
  return {
    id: `${implementation}-1T1Q-200-reverse-${load.kind}`,
    implementation,
    threads: 1,
    queues: 1,
    packetBytes: 200,
    functionId: 'reverse',
    port: 1232,
    load,
    engine: load.kind === 'closed' ? 'socket' : load.kind === 'none' ? 'none' : 'live',
    topology: 'veth',
    idle: 'poll',
    settings: {},
    tuning: {},
    variant: '',
    placement: {
      clients: [{ generatorCpus: [0], housekeepingCpu: 1 }],
      invokerCpus: [3],
      irqCpus: [],
      housekeepingCpu: 1,
      nodes: [0],
      sharing: 'exclusive',
      cores: 'own',
      warnings: [],
    },
    durationNs: 1e9,
    warmupNs: 0,
    ...changes,
  };
}

/** The same cell as versions 6 to 8 wrote it, which knew of one client. */
export function olderCell({ placement: { clients, ...placement }, ...cell }: Cell) {
  const [client] = clients;
  const own = { generatorCpus: client?.generatorCpus, clientHousekeepingCpu: client?.housekeepingCpu };
  return { ...cell, placement: { ...placement, ...own } };
}

/** One second in which `sent` requests left and `replied` replies came back, all right. */
export function fakeWindow(phase: PhaseName, sent: number, replied: number, changes: Partial<Window> = {}): Window {
  const offeredPerSecond = phase === 'overload' ? null : sent;
  return {
    ...{ phase, offeredPerSecond, beginNs: 1e9, endNs: 2e9, offered: sent, sent, replied, checked: replied, wrong: 0 },
    ...changes,
  };
}

/** One second of a CPU; what is not named is idle. */
export function fakeCpuTime(cpu: number, spent: Partial<CpuTime> = {}): CpuTime {
  const time = { host: 'one' as const, cpu, userNs: 0, systemNs: 0, softirqNs: 0, stealNs: 0, ...spent };
  const idleNs = 1e9 - time.userNs - time.systemNs - time.softirqNs - time.stealNs;
  return { idleNs, ...time };
}

/** A ledger without any loss. */
export function fakeLedger(sent: number, changes: Partial<Ledger> = {}): Ledger {
  return { sent, handled: sent, replied: sent, right: sent, wrong: 0, drops: [], residual: 0, ...changes };
}

/** Counters of an invoker that answered `rate` requests, every frame of its UMEM where it belongs. */
export function fakeInvokerCounters(cell: Cell, rate: number, changes: Partial<InvokerCounters> = {}): InvokerCounters {
  const each = rate / cell.threads;
  const frames = 4096 * cell.queues;
  return {
    threads: Array.from({ length: cell.threads }, () => ({ received: each, handled: each, replied: each })),
    shared:
      cell.implementation === 'afxdp'
        ? { framesTotal: frames, framesAccounted: frames, xskRxInvalid: 0, xskTxInvalid: 0 }
        : {},
    kernel: {},
    ...changes,
  };
}

function grantedTo(implementation: ImplementationId): Record<string, string> {
  if (implementation === 'afxdp') return { attach: 'native', copyMode: 'copy' };
  return implementation === 'xdp' ? { attach: 'native' } : {};
}

/** A run without a fault: `rate` replies/s with a busy invoker and a generator that can do ten times that. */
export function fakeCompleted(cell: Cell, rate: number, changes: Partial<CompletedRun> = {}): CompletedRun {
  const saturates = cell.load.kind === 'saturate';
  return {
    ...{ schemaVersion, runId, cell, repeat: 0, startedAt },
    state: 'completed',
    timing: { setupNs: 120e6, teardownNs: 60e6 },
    granted: grantedTo(cell.implementation),
    windows: [
      fakeWindow('measure', rate, rate),
      ...(saturates ? [fakeWindow('overload', 10 * rate, rate / 2, { endNs: 2e9 })] : []),
    ],
    samples: [],
    timeline: { roundTrips: [], hosts: [] },
    cpu: [
      fakeCpuTime(0, { userNs: 0.5e9 }),
      fakeCpuTime(1, { systemNs: 0.1e9 }),
      fakeCpuTime(2, { userNs: 0.9e9 }),
      fakeCpuTime(3, { userNs: 0.6e9, systemNs: 0.3e9, softirqNs: 0.1e9 }),
    ],
    foreign: [],
    quota: null,
    energy: [],
    ledger: fakeLedger(rate),
    histogram: cell.load.kind === 'closed' ? [[20_000, rate]] : [],
    capacity: null,
    levels: [],
    handledByThread: Array.from({ length: cell.threads }, () => rate / cell.threads),
    receivedByQueue: Array.from({ length: cell.queues }, () => rate / cell.queues),
    hiccups: { generator: { count: 0, maxNs: 0, totalNs: 0 } },
    stalls: { invoker: new Array(cell.threads).fill(0) },
    counters: {
      invoker: fakeInvokerCounters(cell, rate),
      generator: { offered: rate, sent: rate, replied: rate, checked: rate, wrong: 0 },
      client: {},
    },
    clients: [],
    ...changes,
  };
}

/** What a search found that nothing disturbed. */
export function fakeCapacity(changes: Partial<Capacity> = {}): Capacity {
  return {
    ndr: { perSecond: 1000, failedPerSecond: 1010, boundBy: 'server' },
    pdr: { perSecond: 1100, failedPerSecond: 1110, boundBy: 'server' },
    ...{ trials: 12, pieces: 40, piecesRepeated: 0, timedOut: false },
    ...changes,
  };
}

export function fakeFailed(cell: Cell, code: string, message: string): FailedRun {
  return { schemaVersion, runId, cell, repeat: 0, startedAt, state: 'failed', error: { code, message } };
}

export function fakeSkipped(cell: Cell, reason: string): SkippedRun {
  return { schemaVersion, runId, cell, repeat: 0, startedAt, state: 'skipped', reason };
}

/** What is known before the first cell, for any plan. */
export function fakePrologue(plan: PlannedCell[], changes: Partial<Prologue> = {}): Prologue {
  const { scenario, host } = fakeSummary();
  return { schemaVersion, runId, startedAt, scenario, plan, host, clientHosts: [], ceilings: [], ...changes };
}

/** The prologue that the flags of a command line lead to on a host of four CPUs. */
export function plannedPrologue(flags: ScenarioFlags): Prologue {
  const scenario = readScenario({ seed: '1', ...flags }, { readFile: () => '{}', randomSeed: () => 0 });
  const cpus = [0, 1, 2, 3];
  const plan = planCells(scenario, onVeth(plainHost(cpus)), { portOf: () => 1232, cannot, variantOf });
  return fakePrologue(plan, { scenario });
}
