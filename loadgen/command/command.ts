import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import { BenchError, UsageError } from '../../common/cli/errors.js';
import { exitCodes } from '../../common/cli/exit-codes.js';
import { MetricsServer } from '../../common/cli/metrics-server.js';
import { write } from '../../common/cli/streams.js';
import { Lock } from '../../common/process/lock.js';
import { probe } from '../engines/probe.js';
import { calibrate } from './calibrate.js';
import { flags } from './flags.js';
import { GoFlagError, goUsage } from './go-flags.js';
import { GoMetrics } from './go-metrics.js';
import { type CalibrationRequest, type LoadRequest, parseLoadOptions } from './options.js';
import { formatPercentiles, formatRates, formatResult } from './print.js';
import { percentilesOf, shortfallOf } from './result.js';
import { ResultFile } from './result-file.js';
import { checkMtu, findRoute, type Route } from './route.js';
import { runLoad, type Second } from './run.js';
import { prepareSources, type Source } from './source.js';

/** What the load generator may touch of the outside world. */
export interface LoadgenSurroundings {
  stdout: Writable;
  stderr: Writable;
  /** Emits the signals of the process by their names. */
  signals: EventEmitter;
  /** CPUs that this process may use, ascending. */
  cpus(): number[];
  /** Name of the lock that -calibrate takes. */
  lock: string;
}

/** The load generator's command: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(argv: readonly string[], surroundings: LoadgenSurroundings): Promise<number> {
  const { stdout, stderr } = surroundings;
  // What became of a write is heard where it is made; of a complaint nobody else can be told.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  try {
    const request = parseLoadOptions(argv);
    if (request === 'help') {
      await write(stdout, goUsage(flags));
      return exitCodes.ok;
    }
    checkCores(request.cores, surroundings.cpus());
    return request.kind === 'load' ? await load(request, surroundings) : await ceilings(request, argv, surroundings);
  } catch (error) {
    stderr.write(`loadgen: ${(error as Error).message.replace(/\s+/g, ' ').trim()}\n`);
    if (error instanceof GoFlagError) stderr.write(goUsage(flags));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

async function load(request: LoadRequest, surroundings: LoadgenSurroundings): Promise<number> {
  const file = request.json === null ? null : await ResultFile.at(request.json);
  try {
    return await loadInto(file, request, surroundings);
  } finally {
    await file?.close();
  }
}

const ofThisMachine =
  '; it is an address of this machine, which UDP sockets alone serve: put the generator into a network namespace or on another machine';

async function loadInto(
  file: ResultFile | null,
  request: LoadRequest,
  surroundings: LoadgenSurroundings,
): Promise<number> {
  const { over, say } = conversation(surroundings);
  // Before anything is sent: a scraper that finds nothing is as bad as a server that does not answer.
  const metrics = await MetricsServer.listen(request.listen);
  try {
    const route = await findRoute(request);
    checkMtu(route, request.packetBytes);
    for (const port of request.ports)
      await probe({ ...request, server: { address: request.server }, port }, over.signal).catch((error) => {
        throw route.local && error instanceof BenchError
          ? new BenchError(error.code, error.message + ofThisMachine)
          : error;
      });
    const sources = await prepareSources(request, route, surroundings.cpus());
    try {
      metrics.show(new GoMetrics(request.server, sources));
      await say(describe(request, sources, route, metrics.port));
      const { result, failure } = await runLoad(request, sources, route.interface, over.signal, ticker(request, say));
      // A reader that leaves from here on has interrupted nothing.
      const ending = over.signal.aborted ? exitCodes.interrupted : exitCodes.ok;
      await say(formatResult(result));
      await file?.keep(`${JSON.stringify(result)}\n`);
      if (failure) throw failure;
      const shortfall = shortfallOf(result);
      if (ending === exitCodes.ok && shortfall !== null) throw new BenchError('SHORTFALL', shortfall);
      return ending;
    } finally {
      for (const source of sources) source.stop();
    }
  } catch (error) {
    // A probe that is broken off has not failed.
    if (over.signal.aborted && error instanceof BenchError && error.code === 'PROBE') return exitCodes.interrupted;
    throw error;
  } finally {
    metrics.close();
  }
}

async function ceilings(
  request: CalibrationRequest,
  argv: readonly string[],
  surroundings: LoadgenSurroundings,
): Promise<number> {
  const { over, say } = conversation(surroundings);
  const cpus = request.cores.length > 0 ? request.cores : surroundings.cpus().slice(0, 1);
  const command = ['npm run loadgen --', ...argv].join(' ');
  const self = { pid: process.pid, since: new Date().toISOString(), command };
  const lock = await Lock.take(surroundings.lock, self, 'try again after its end');
  try {
    await calibrate(request, cpus, over.signal, say);
  } finally {
    lock.release();
  }
  return over.signal.aborted ? exitCodes.interrupted : exitCodes.ok;
}

/** How it talks to its user: a line at a time, until a signal comes or the reader leaves. */
function conversation({ signals, stdout }: LoadgenSurroundings) {
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) signals.on(signal, () => over.abort());
  const say = async (line: string) => {
    if ((await write(stdout, `${line}\n`)) === 'closed') over.abort();
  };
  return { over, say };
}

function checkCores(cores: number[], allowed: number[]): void {
  const missing = cores.find((core) => !allowed.includes(core));
  if (missing !== undefined)
    throw new UsageError(`-cores: this process may not use CPU ${missing}, only ${allowed.join(', ')}`);
}

function describe(
  { server, ports, packetBytes, functionId, connections, loop }: LoadRequest,
  sources: readonly Source[],
  route: Route,
  metricsPort: number,
): string {
  const [source] = sources;
  const how =
    loop.kind === 'closed'
      ? `closed loop, ${connections} connections a port`
      : `${loop.perSecond} requests/s, ${loop.arrival} arrivals, by ${source?.name}`;
  const checked =
    loop.kind === 'open' && source?.name === 'live'
      ? `length and stamp of every reply, content of 1 in ${loop.checkEvery}`
      : 'every reply';
  const lines = [
    `${functionId} on ${server}:${ports.join(',')} by ${route.interface}, frames of ${packetBytes} bytes: ${how}; checks ${checked}; metrics on port ${metricsPort}`,
    ...(source?.refused ?? []).map((reason) => `not ${reason}`),
  ];
  return lines.join('\n');
}

/** Prints what was asked for, once a second. */
function ticker({ live }: LoadRequest, say: (line: string) => Promise<void>): (second: Second) => void {
  return ({ elapsedNs, before, now, roundTrips }) => {
    const perSecond = (name: string) => (((now[name] ?? 0) - (before[name] ?? 0)) * 1e9) / elapsedNs;
    const parts = [
      ...(live.rates ? [formatRates(perSecond)] : []),
      ...(live.percentiles ? [formatPercentiles(percentilesOf(roundTrips))] : []),
    ];
    // The end of the load writes, too, and hears what became of it.
    if (parts.length > 0) say(parts.join('  ')).catch(() => {});
  };
}
