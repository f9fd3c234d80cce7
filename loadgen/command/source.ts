import { availableParallelism } from 'node:os';
import type { HistogramPairs } from '../../model/histogram.js';
import type { Counters } from '../../model/record.js';
import { anyCpu } from '../../native/index.js';
import { addressBytes } from '../engines/bytes.js';
import { nowNs } from '../engines/clock.js';
import { startClosed } from '../engines/closed.js';
import type { Engine } from '../engines/engine.js';
import type { LoadRequest } from './options.js';
import type { Route } from './route.js';
import { type SelectedEngine, selectEngine } from './select-engine.js';

/** Requests to one port. */
export interface Source {
  port: number;
  /** What sends them, for people. */
  name: string;
  /** Why faster engines were not taken. */
  refused: string[];
  /** Sends from now on. */
  begin(): void;
  /** Sends no more. */
  quiesce(): void;
  stop(): void;
  /** What became of the requests since `begin`; asked for about once a second, which is how timeouts are noticed. */
  counters(): Counters;
  /** The same, also after what sends them died: counters() throws what of. */
  lastCounters(): Counters;
  roundTrips(): HistogramPairs;
  lags(): HistogramPairs;
}

/**
 * Makes the source of each port, one after the other, as programs and sockets may refuse. A closed loop sends at once,
 * so its sources are made when they begin.
 */
export async function prepareSources(
  request: LoadRequest,
  route: Route,
  allowed: readonly number[],
): Promise<Source[]> {
  const { loop, ports, cores } = request;
  if (loop.kind === 'closed') {
    const threads = cores.length > 0 ? cores : Array<number>(availableParallelism()).fill(anyCpu);
    const shares = shareOut(threads, ports.length);
    return ports.map((port, i) => closedSource(request, port, shares[i] ?? []));
  }
  const sources: Source[] = [];
  // Threads that never rest: each port has CPUs of its own where there are enough.
  const shares = shareOut(cores.length > 0 ? cores : allowed.slice(0, ports.length), ports.length);
  try {
    for (const [i, port] of ports.entries()) {
      const choice = await selectEngine({ request, loop, port, cpus: shares[i] ?? [], route });
      sources.push(openSource(choice, port, loop.perSecond / ports.length));
    }
  } catch (error) {
    for (const source of sources) source.stop();
    throw error;
  }
  return sources;
}

/** The CPUs of each of `count` ports: its own where there are enough, else one that it shares. */
function shareOut(cpus: readonly number[], count: number): number[][] {
  return Array.from({ length: count }, (_, i) => {
    const own = cpus.filter((_, k) => k % count === i);
    return own.length > 0 ? own : [cpus[i % cpus.length] ?? anyCpu];
  });
}

function closedSource(request: LoadRequest, port: number, cpus: number[]): Source {
  const { server, packetBytes, functionId, connections } = request;
  let engine: Engine | null = null;
  return {
    port,
    name: 'closed loop by sockets',
    refused: [],
    begin() {
      engine = startClosed({
        serverAddress: addressBytes(server),
        port,
        packetBytes,
        functionId,
        requests: 'plain',
        recording: true,
        connections,
        cpus,
      });
    },
    quiesce: () => engine?.quiesce(),
    stop: () => engine?.stop(),
    counters: () => engine?.counters() ?? {},
    lastCounters: () => engine?.counters() ?? {},
    roundTrips: () => engine?.roundTrips() ?? [],
    lags: () => [],
  };
}

/** A request without a reply for so long has timed out. */
const timeoutNs = 1e9;

function openSource({ id, engine, refused }: SelectedEngine, port: number, perSecond: number): Source {
  // What the trial sent is not part of the load.
  let before: Counters = engine.counters();
  const timeouts = new Timeouts();
  const sinceBegin = (total: Counters): Counters => {
    const counters: Counters = {};
    for (const [name, value] of Object.entries(total)) {
      // A maximum is none of a part.
      counters[name] = name.endsWith('MaxNs') ? value : value - (before[name] ?? 0);
    }
    counters.timeouts = timeouts.count(nowNs(), counters);
    return counters;
  };
  return {
    port,
    name: id,
    refused,
    begin() {
      engine.countFromNow();
      before = engine.counters();
      engine.record(true);
      engine.setRate(perSecond);
    },
    quiesce: () => engine.quiesce(),
    stop: () => engine.stop(),
    roundTrips: () => engine.roundTrips(),
    lags: () => engine.lags(),
    counters: () => sinceBegin(engine.counters()),
    lastCounters: () => sinceBegin(engine.lastCounters()),
  };
}

/** Requests unanswered for a second, from readings that are made about once a second: never too many. */
class Timeouts {
  readonly #sent: { atNs: number; sent: number }[] = [];
  #most = 0;

  count(atNs: number, { sent = 0, replied = 0 }: Counters): number {
    this.#sent.push({ atNs, sent });
    while ((this.#sent[1]?.atNs ?? Number.POSITIVE_INFINITY) <= atNs - timeoutNs) this.#sent.shift();
    const [oldest] = this.#sent;
    if (oldest && oldest.atNs <= atNs - timeoutNs) this.#most = Math.max(this.#most, oldest.sent - replied);
    return this.#most;
  }
}
