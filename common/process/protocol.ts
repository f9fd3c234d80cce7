import type { Readable, Writable } from 'node:stream';
import type { Load, Placement } from '../../model/cell.js';
import type { EngineId, FunctionId, ImplementationId } from '../../model/ids.js';
import type {
  Counters,
  InvokerCounters,
  LoadTotals,
  PhaseName,
  RunError,
  Timeline,
  Window,
} from '../../model/record.js';
import type { IdleMode, ImplementationSettings, Service } from '../../model/settings.js';
import type { LoadAnswers, LoadQuestion } from './questions.js';

/**
 * What the harness and its child processes say to each other: one JSON document in (the context), then JSON lines both
 * ways. A child that reads the end of its input stops: its parent is gone.
 */

/**
 * Of what harness and invoker say to each other, and of what the words mean: raised by a change that an invoker or a harness of
 * before it would misunderstand. A harness starts no invoker of another version.
 */
export const sessionVersion = 1;

/** How requests reach a socket invoker: `xdp` = through a pass-all XDP program, so that live frames arrive. */
export type ReceivePath = 'xdp' | 'plain';

/** Everything an invoker process needs. */
export interface InvokerContext {
  implementation: ImplementationId;
  services: Service[];
  interface: string;
  queues: number;
  /** One CPU a thread: service by service, in it queue by queue. */
  cpus: number[];
  maxThreadsPerQueue: number;
  idle: IdleMode;
  /** What differs from the implementation's own defaults. */
  settings: Partial<ImplementationSettings>;
  /** That are computed behind each function, by the `workNs` of the settings; 0: none. */
  workSteps: number;
  receivePath: ReceivePath;
  sampleIntervalNs: number;
}

export interface Endpoint {
  interface: string;
  /** Dotted quad. */
  address: string;
  /** Colon-separated. */
  mac: string;
}

/** Everything a load generator process needs. */
export interface LoadContext {
  /**
   * `flood` and `sink` are the two ends of a wire without an invoker (ceiling.ts); `pass` holds an XDP program on the
   * server's side that lets everything through.
   */
  load:
    | Load
    | { kind: 'flood'; timed: boolean; checkEvery: number }
    | { kind: 'sink'; checkEvery: number }
    | { kind: 'pass' };
  /** Who leads the load: the generator itself, or another process that asks it and those of other clients. */
  leader: 'itself' | 'another';
  engine: EngineId;
  client: Endpoint;
  server: Endpoint;
  port: number;
  functionId: FunctionId;
  packetBytes: number;
  /** `unchanged`: the server sends frames back as they came; no ordinary socket can ask it, so it is not probed. */
  replyAddresses: 'swapped' | 'unchanged';
  queues: number;
  /** One CPU a generator thread. */
  cpus: number[];
  /** Of all measured threads. */
  sharing: Placement['sharing'];
  warmupNs: number;
  durationNs: number;
  sampleIntervalNs: number;
}

/** Everything that the process needs that leads the generators of several clients. */
export interface LeadContext extends Pick<LoadContext, 'load' | 'warmupNs' | 'durationNs'> {
  load: Load;
  generators: ClientGenerator[];
}

/** The generator of one client. */
export interface ClientGenerator {
  /** As ssh takes it. */
  host: string;
  /** What its process is called in messages. */
  name: string;
  /** That start it. */
  words: string[];
  context: LoadContext;
}

export type InvokerMessage =
  | { type: 'ready'; pid: number; granted: Record<string, string> }
  | { type: 'sample'; atNs: number; counters: Counters }
  | { type: 'scaled'; port: number; threadsPerQueue: number }
  | { type: 'stopped'; totals: InvokerCounters }
  | { type: 'error'; error: RunError };

export type LoadMessage =
  /** The context was understood; traffic begins at the command `start`. Of each client, on its host. */
  | { type: 'ready'; pids: number[] }
  /** The server has answered right, and questions are awaited. */
  | { type: 'prepared' }
  | { type: 'answer'; answer: LoadAnswers[LoadQuestion['ask']] }
  | { type: 'phase'; phase: PhaseName }
  | { type: 'window'; window: Window }
  | { type: 'sample'; atNs: number; counters: Counters }
  /** Round trips of a second or so of the measure phase. */
  | { type: 'recorded'; piece: Timeline['roundTrips'][number] }
  | { type: 'done'; totals: LoadTotals }
  | { type: 'error'; error: RunError };

export type Command =
  /** To the generator. */
  | { type: 'start' }
  /** To a generator that another process leads: after the answer to the question before. */
  | { type: 'ask'; question: LoadQuestion }
  /** To the invoker: so many threads a queue from now on for the function on that port; answered by `scaled`. */
  | { type: 'scale'; port: number; threadsPerQueue: number }
  /** To the invoker, to a sink, and to a generator that another process leads. */
  | { type: 'stop' };

/** Writes one message as a line. */
export function writeLine(stream: Writable, message: object): void {
  stream.write(`${JSON.stringify(message)}\n`);
}

/** Calls `onLine` for every whole line of a stream, `onEnd` at its end with what followed the last line break. */
export function readLines(stream: Readable, onLine: (line: string) => void, onEnd: (rest: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => onEnd(rest));
}
