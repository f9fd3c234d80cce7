import type { Counters, HistogramPairs } from '../harness/model.js';
import { anyCpu } from '../native/index.js';
import { parseAddress } from './address.js';
import { type Choice, chooseEngine } from './choice.js';
import { startClosed } from './closed.js';
import type { Engine } from './engine.js';
import type { LoadRequest } from './options.js';
import type { Way } from './way.js';

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
  read(): Reading;
}

/** What became of the requests since `begin`. */
export interface Reading {
  counters: Counters;
  roundTrips: HistogramPairs;
  lags: HistogramPairs;
}

/**
 * Makes the source of each port, one after the other, as programs and sockets may refuse. A closed loop sends at once,
 * so its sources are made when they begin.
 */
export async function prepareSources(request: LoadRequest, way: Way, spare: number): Promise<Source[]> {
  const { loop, ports } = request;
  if (loop.kind === 'closed') return ports.map((port) => closedSource(request, port));
  const sources: Source[] = [];
  const cpus = request.cores.length > 0 ? request.cores : [spare];
  try {
    for (const [i, port] of ports.entries()) {
      // Threads that never rest: ports share the CPUs out among them where there are enough.
      const own = cpus.filter((_, k) => k % ports.length === i);
      const choice = await chooseEngine(
        request,
        loop,
        port,
        own.length > 0 ? own : [cpus[i % cpus.length] ?? spare],
        way,
      );
      sources.push(openSource(choice, port, loop.perSecond / ports.length));
    }
  } catch (error) {
    for (const source of sources) source.stop();
    throw error;
  }
  return sources;
}

function closedSource({ server, packetBytes, functionId, connections, cores }: LoadRequest, port: number): Source {
  let engine: Engine | null = null;
  return {
    port,
    name: 'closed loop by sockets',
    refused: [],
    begin() {
      engine = startClosed({
        serverAddress: parseAddress(server),
        port,
        packetBytes,
        functionId,
        requests: 'plain',
        cpus: Array.from({ length: connections }, (_, i) => cores[i % cores.length] ?? anyCpu),
      });
      engine.record(true);
    },
    quiesce: () => engine?.quiesce(),
    stop: () => engine?.stop(),
    read: () => ({ counters: engine?.counters() ?? {}, roundTrips: engine?.roundTrips() ?? [], lags: [] }),
  };
}

function openSource({ id, engine, refused }: Choice, port: number, perSecond: number): Source {
  let before: Counters = {};
  return {
    port,
    name: id,
    refused,
    begin() {
      // What the trial sent is not part of the load.
      before = engine.counters();
      engine.record(true);
      engine.setRate(perSecond);
    },
    quiesce: () => engine.quiesce(),
    stop: () => engine.stop(),
    read() {
      const now = Object.entries(engine.counters());
      const counters = Object.fromEntries(now.map(([name, value]) => [name, value - (before[name] ?? 0)]));
      return { counters, roundTrips: engine.roundTrips(), lags: engine.lags() };
    },
  };
}
