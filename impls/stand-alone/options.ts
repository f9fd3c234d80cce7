import { UsageError } from '../../common/cli/errors.js';
import { type SettingFlag, settingFlags, settingKeys } from '../../common/cli/settings.js';
import { count, quote } from '../../common/cli/text.js';
import {
  type ListenAddress,
  parseAddress,
  parseChoice,
  parseInterface,
  parseListenAddress,
  parseWhole,
} from '../../common/cli/values.js';
import { functionIds, type ImplementationId, implementationIds } from '../../model/ids.js';
import type { ImplementationSettings, Service } from '../../model/settings.js';
import { anyCpu, type QueueCounts } from '../../native/index.js';
import { abilities, cannotRun, cannotSpread, waitsOf } from '../abilities.js';
import { portOf } from '../functions.js';
import type { Implementation, InvokerOptions } from '../invoker.js';
import { implementations } from '../table.js';
import { readFlags } from './flags.js';
import { defaultsOf } from './setting-defaults.js';

const mostThreads = 64;
/** Threads a queue that a function may be scaled to, unless told. */
const roomToScale = 4;

/** What it is started with, all but what is measured first. */
export type ServeOptions = Omit<InvokerOptions, 'workSteps'>;

/** What the stand-alone invoker is to do while it serves. */
export interface ServeRequest {
  kind: 'serve';
  id: ImplementationId;
  options: ServeOptions;
  metrics: ListenAddress | null;
  output: 'text' | 'json';
  stats: 'off' | 'on';
}

type Flags = Map<string, string>;

/** Queues of an interface; zeros if it is missing or does not say. */
export type CountQueues = (interfaceName: string) => QueueCounts;

/** Parses the command line of the stand-alone invoker. Throws UsageError. */
export function parseInvokerOptions(
  argv: readonly string[],
  countQueues: CountQueues,
): ServeRequest | { kind: 'help' } {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help' };
  const flags = readFlags(argv);
  const idText = flags.get('impl');
  if (idText === undefined) throw new UsageError(`--impl: is needed, one of ${implementationIds.join(', ')}`);
  const id = parseChoice('--impl', idText, implementationIds);

  const place = parsePlace(id, flags);
  const present = abilities[id].receives === 'socket' ? { rx: 0, tx: 0 } : countQueues(place.interface);
  const queues = parseQueues(id, flags, present);
  const services = flags.has('functions') ? parseFunctions(flags, queues) : [parseFunction(id, flags, queues)];
  for (const { functionId, threadsPerQueue } of services) {
    const several = flags.has('functions') ? '--functions' : null;
    refuse(several ?? '--function', cannotRun(id, functionId));
    refuse(several ?? '--threads', cannotSpread(id, { threads: threadsPerQueue * queues, queues }));
  }
  const metrics = flags.get('metrics');
  const maxThreadsPerQueue = parseMaxThreads(id, flags.get('max-threads'), services);
  return {
    kind: 'serve',
    id,
    options: {
      ...place,
      services,
      queues,
      // All that are there: also those that its driver adds when XDP is attached.
      servedRxQueues: flags.has('queues') && queues < present.rx ? queues : 0,
      cpus: parseCpus(id, flags.get('cpus'), { services, queues, maxThreadsPerQueue }),
      maxThreadsPerQueue,
      idle: parseIdle(id, flags.get('idle')),
      settings: parseSettings(implementations[id], flags),
    },
    metrics: metrics === undefined ? null : parseListenAddress('--metrics', metrics),
    output: flags.has('json') ? 'json' : 'text',
    stats: flags.has('stats') ? 'on' : 'off',
  };
}

function refuse(option: string, reason: string | null): void {
  if (reason !== null) throw new UsageError(`${option}: ${reason}`);
}

/**
 * Queues with threads of their own: as asked for, or as many as there are of both directions and divide the threads, who share
 * the rest.
 */
function parseQueues(id: ImplementationId, flags: Flags, { rx, tx }: QueueCounts): number {
  const text = flags.get('queues');
  if (text !== undefined) return parseWhole('--queues', text, 1, mostThreads);
  if (abilities[id].threads === 'none') return Math.min(Math.max(1, rx), mostThreads);
  if (flags.has('functions')) return 1;
  const threads = parseThreads(flags.get('threads') ?? '1');
  let queues = Math.max(1, Math.min(rx, tx, threads));
  while (threads % queues !== 0) queues--;
  return queues;
}

function parseThreads(text: string): number {
  return parseWhole('--threads', text, 1, mostThreads);
}

/** The function of --function, --port and --threads. */
function parseFunction(id: ImplementationId, flags: Flags, queues: number): Service {
  const functionId = parseChoice('--function', flags.get('function') ?? 'reverse', functionIds);
  const threads = parseThreads(flags.get('threads') ?? String(threadsUnlessTold(id, queues)));
  if (threads % queues !== 0) throw new UsageError(`--threads: ${threads} is not a multiple of --queues ${queues}`);
  const port = flags.get('port');
  return {
    port: port === undefined ? portOf(functionId) : parseWhole('--port', port, 1, 65535),
    functionId,
    threadsPerQueue: threads / queues,
  };
}

/** Where the receive context of each queue stands for a thread, there are as many as queues. */
function threadsUnlessTold(id: ImplementationId, queues: number): number {
  return abilities[id].threads === 'none' ? queues : 1;
}

/** The functions of --functions. */
function parseFunctions(flags: Flags, queues: number): Service[] {
  const option = '--functions';
  const clash = ['port', 'function', 'threads'].find((name) => flags.has(name));
  if (clash !== undefined) throw new UsageError(`--${clash}: ${option} says it for each function, give one of the two`);
  const services = (flags.get('functions') ?? '').split(',').map((part): Service => {
    const match = /^([^=:]*)=([^=:]*)(?::([^=:]*))?$/.exec(part);
    if (!match) throw new UsageError(`${option}: ${quote(part)} is not PORT=NAME or PORT=NAME:THREADS`);
    const [, port = '', name = '', threads = '1'] = match;
    return {
      port: parseWhole(`${option}: port`, port, 1, 65535),
      functionId: parseChoice(option, name, functionIds),
      threadsPerQueue: parseWhole(`${option}: threads a queue`, threads, 1, mostThreads),
    };
  });
  const ports = services.map(({ port }) => port);
  const twice = ports.find((port, i) => ports.indexOf(port) !== i);
  if (twice !== undefined) throw new UsageError(`${option}: port ${twice} has two functions`);
  const threads = threadsOf(services, queues);
  if (threads > mostThreads) throw new UsageError(`${option}: ${threads} threads in all are more than ${mostThreads}`);
  return services;
}

function threadsOf(services: Service[], queues: number): number {
  return services.reduce((sum, { threadsPerQueue }) => sum + threadsPerQueue * queues, 0);
}

/** Where requests come in. */
function parsePlace(id: ImplementationId, flags: Flags): Pick<InvokerOptions, 'interface' | 'address'> {
  const [name, address] = [flags.get('interface'), flags.get('address')];
  const { receives } = abilities[id];
  if (receives !== 'socket' && name === undefined) throw new UsageError(`--interface: ${id} needs one`);
  return {
    interface: name === undefined ? '' : parseInterface('--interface', name),
    address: address === undefined ? '' : parseAddress('--address', address),
  };
}

/** One for each thread that there is at first, and perhaps for each that may be added. */
function parseCpus(
  id: ImplementationId,
  text: string | undefined,
  { services, queues, maxThreadsPerQueue }: Pick<InvokerOptions, 'services' | 'queues' | 'maxThreadsPerQueue'>,
): number[] {
  const threads = threadsOf(services, queues);
  if (text === undefined) return new Array<number>(threads).fill(anyCpu);
  if (abilities[id].threads === 'none') throw new UsageError(`--cpus: ${id} has no threads of its own to pin`);
  const cpus = text.split(',').map((cpu) => parseWhole('--cpus', cpu, 0, 4095));
  const most = abilities[id].threads === 'scaled' ? services.length * queues * maxThreadsPerQueue : threads;
  if (cpus.length === threads || cpus.length === most) return cpus;
  const added = most > threads ? ` (${most} with those that --max-threads lets add)` : '';
  throw new UsageError(`--cpus: ${count(cpus.length, 'CPU')} for ${count(threads, 'thread')}, each needs one${added}`);
}

function parseMaxThreads(id: ImplementationId, text: string | undefined, services: Service[]): number {
  const most = Math.max(...services.map(({ threadsPerQueue }) => threadsPerQueue));
  const scales = abilities[id].threads === 'scaled';
  if (text === undefined) return scales ? Math.max(roomToScale, most) : most;
  if (!scales) throw new UsageError(`--max-threads: ${id} has a fixed number of threads`);
  const max = parseWhole('--max-threads', text, 1, mostThreads);
  if (max < most) throw new UsageError(`--max-threads: ${max} is less than the ${most} a queue asked for`);
  return max;
}

function parseIdle(id: ImplementationId, text: string | undefined): InvokerOptions['idle'] {
  const modes = abilities[id].idle;
  if (text === undefined) return waitsOf(id);
  const only = { poll: 'block in the kernel', spin: 'never rest', adaptive: 'spin for a while' }[waitsOf(id)];
  if (modes.length === 0) throw new UsageError(`--idle: ${id} has no choice, its threads ${only}`);
  return parseChoice('--idle', text, modes);
}

/** What the command line says of the implementation's settings. */
function parseSettings({ id, settings: defaults }: Implementation, flags: Flags): Partial<ImplementationSettings> {
  const asked: Partial<ImplementationSettings> = {};
  const take = <Key extends keyof ImplementationSettings>(key: Key) => {
    const flag: SettingFlag<ImplementationSettings[Key]> = settingFlags[key];
    const text = flags.get(flag.name);
    if (text === undefined) return;
    if (defaults[key] === undefined) {
      const having = [...defaultsOf(key).keys()].join(', ');
      throw new UsageError(`--${flag.name}: ${id} has no such setting, only ${having}`);
    }
    asked[key] = flag.parse(`--${flag.name}`, text);
  };
  settingKeys.forEach(take);
  const { batch, ringSize, depthPackets } = { ...defaults, ...asked };
  if (batch !== undefined && ringSize !== undefined && batch > ringSize)
    throw new UsageError(`--batch: ${batch} is more than the ${ringSize} entries of a ring (see --ring-size)`);
  if (batch !== undefined && depthPackets !== undefined && batch > depthPackets)
    throw new UsageError(`--batch: ${batch} is more than the ${depthPackets} requests that may wait (see --depth)`);
  return asked;
}
