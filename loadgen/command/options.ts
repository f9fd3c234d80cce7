import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';
import {
  type ListenAddress,
  parseAddress,
  parseChoice,
  parseInterface,
  parseRate,
  parseWhole,
  refuseTwice,
  splitList,
} from '../../common/cli/values.js';
import { headerBytes, maxPacketBytes, minPacketBytes } from '../../model/frame.js';
import {
  type Arrival,
  arrivals,
  engineIds,
  type FunctionId,
  functionIds,
  type PacedEngineId,
} from '../../model/ids.js';
import { flags } from './flags.js';
import { type GoValues, parseGoDuration, readGoFlags } from './go-flags.js';

/** One request outstanding a connection, or requests at a rate whatever comes back. */
export type Loop =
  | { kind: 'closed' }
  | { kind: 'open'; perSecond: number; arrival: Arrival; engine: PacedEngineId | 'auto'; checkEvery: number };

/** Requests to a server. */
export interface LoadRequest {
  kind: 'load';
  listen: ListenAddress;
  server: string;
  ports: number[];
  packetBytes: number;
  connections: number;
  functionId: FunctionId;
  loop: Loop;
  durationNs: number;
  /** Path, or null. */
  json: string | null;
  /** What is printed once a second. */
  live: { rates: boolean; percentiles: boolean };
  /** CPUs of the sending threads; empty: not said. */
  cores: number[];
  /** What is said of the route to the server; null: to be found out. */
  route: { interface: string | null; source: string | null; serverMac: string | null };
}

const mostConnections = 1024;
const mostPorts = 64;
const mostUnchecked = 1e6;
/**
 * Whether an engine builds frames itself: it needs the route to the server for it, and its one program at the interface
 * takes the replies of one port.
 */
export function buildsFrames(engine: PacedEngineId | 'auto'): boolean {
  return engine === 'live' || engine === 'afxdp';
}

/** What engines can send, without a server. */
export interface CalibrationRequest {
  kind: 'calibrate';
  engines: readonly PacedEngineId[];
  /** As in LoadRequest. */
  cores: number[];
  /** The content of one request in so many is compared; 0: requests are neither stamped nor checked. */
  checkEvery: number;
}

/** Parses the load generator's command line. Throws UsageError. */
export function parseLoadOptions(argv: readonly string[]): LoadRequest | CalibrationRequest | 'help' {
  const values = readGoFlags(flags, argv);
  if (values === 'help') return 'help';
  if (values.get('calibrate') === 'true') return parseCalibration(values);
  const text = (name: string) => values.get(name) ?? '';
  const ports = parsePorts(text('ports'));
  const loop = parseLoop(values);
  if (loop.kind === 'open' && buildsFrames(loop.engine) && ports.length > 1)
    throw new UsageError(`-ports: ${loop.engine} sends to one port, not ${ports.length} (sendmmsg and socket can)`);
  return {
    kind: 'load',
    listen: parseListen(text('listen-address')),
    server: parseHost('-server', text('server')),
    ports,
    packetBytes: parsePacketBytes(text('packet-size'), loop),
    connections: parseWhole('-num-conns', text('num-conns'), 1, mostConnections),
    functionId: parseChoice('-function', text('function'), functionIds),
    loop,
    durationNs: parseGoDuration('-duration', text('duration')),
    json: text('json') || null,
    live: { rates: text('verbose') === 'true', percentiles: text('percentiles') === 'true' },
    cores: parseCores(text('cores')),
    route: parseRoute(values),
  };
}

const calibrationFlags = ['calibrate', 'engine', 'cores', 'check-every'];

function parseCalibration(values: GoValues): CalibrationRequest {
  const other = flags.find(({ name, fallback }) => !calibrationFlags.includes(name) && values.get(name) !== fallback);
  if (other) throw new UsageError(`-${other.name}: -calibrate takes no more than -engine, -cores and -check-every`);
  const engine = parseChoice('-engine', values.get('engine') ?? '', [...engineIds, 'auto']);
  const checkEvery = parseWhole('-check-every', values.get('check-every') ?? '', 0, mostUnchecked);
  if (checkEvery === 0 && engine !== 'live')
    throw new UsageError('-check-every: 0 is for -engine live, the others always stamp');
  return {
    kind: 'calibrate',
    engines: engine === 'auto' ? engineIds : [engine],
    cores: parseCores(values.get('cores') ?? ''),
    checkEvery,
  };
}

function parsePorts(text: string): number[] {
  if (/\s/.test(text)) throw new UsageError(`-ports: ${quote(text)} has a blank`);
  const parts = splitList('-ports', text);
  if (parts.length > mostPorts) throw new UsageError(`-ports: ${parts.length} ports are more than ${mostPorts}`);
  const ports = parts.map((part) => parseWhole('-ports', part, 1, 65535));
  refuseTwice('-ports', ports.map(String));
  return ports;
}

/** None if not said. */
function parseCores(text: string): number[] {
  if (text === '') return [];
  const parts = splitList('-cores', text);
  const cores = parts.map((part) => parseWhole('-cores', part, 0, 4095));
  refuseTwice('-cores', cores.map(String));
  return cores;
}

/** Requests without a stamp need no room for one. */
function parsePacketBytes(text: string, loop: Loop): number {
  const least = loop.kind === 'closed' ? headerBytes + 1 : minPacketBytes;
  const bytes = Number(text);
  if (bytes >= least && bytes <= maxPacketBytes) return bytes;
  if (bytes < least) {
    const why = loop.kind === 'closed' ? 'the headers and a byte' : 'the headers and a stamp';
    throw new UsageError(`-packet-size: ${quote(text)} is below ${least}, the smallest frame that holds ${why}`);
  }
  throw new UsageError(`-packet-size: ${quote(text)} is above ${maxPacketBytes}, the largest frame of an MTU of 1500`);
}

function parseLoop(values: GoValues): Loop {
  const text = (name: string) => values.get(name) ?? '';
  const engine = parseChoice('-engine', text('engine'), [...engineIds, 'auto']);
  const arrival = parseChoice('-arrival', text('arrival'), arrivals);
  const checkEvery = parseWhole('-check-every', text('check-every'), 1, mostUnchecked);
  if (text('rate') !== 'none') {
    const perSecond = parseRate('-rate', text('rate'));
    return { kind: 'open', perSecond, arrival, engine, checkEvery };
  }
  if (engine !== 'auto' && engine !== 'socket')
    throw new UsageError(`-engine: ${engine} needs a -rate, without one the loop is closed and uses plain sockets`);
  if (arrival !== 'constant')
    throw new UsageError('-arrival: poisson needs a -rate, without one a request follows each reply');
  return { kind: 'closed' };
}

/** Of one host. A network's broadcast address cannot be told from here. */
function parseHost(option: string, text: string): string {
  const address = parseAddress(option, text);
  const [first = 0] = address.split('.').map(Number);
  if (first === 0 || first >= 224) throw new UsageError(`${option}: ${address} is not the address of one host`);
  return address;
}

/** `:8080` is all interfaces, as in Go. */
function parseListen(text: string): ListenAddress {
  const match = /^(.*):([^:]*)$/.exec(text);
  if (!match) throw new UsageError(`-listen-address: ${quote(text)} is not HOST:PORT or :PORT`);
  const host = (match[1] ?? '').replace(/^\[(.*)\]$/, '$1');
  return { host, port: parseWhole('-listen-address: port', match[2] ?? '', 0, 65535) };
}

function parseRoute(values: GoValues): LoadRequest['route'] {
  const [name, source, mac] = ['interface', 'source', 'server-mac'].map((flag) => values.get(flag) || null);
  if (source) parseHost('-source', source);
  if (mac && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac))
    throw new UsageError(`-server-mac: ${quote(mac)} is not an address such as 02:00:00:00:00:01`);
  return {
    interface: name ? parseInterface('-interface', name) : null,
    source: source ?? null,
    serverMac: mac ?? null,
  };
}
