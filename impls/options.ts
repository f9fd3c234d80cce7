import { parseArgs } from 'node:util';
import { functionIds, type IdleMode, type ImplementationId, implementationIds } from '../harness/model.js';
import { anyCpu } from '../native/index.js';
import { portOf } from './functions.js';
import type { InvokerOptions } from './invoker.js';
import type { MetricsAddress } from './metrics.js';

/** A wrong command line: `message` names the option, the rule and the value. */
export class OptionError extends Error {}

export const usage = `usage: npm run invoker -- --impl NAME --interface IF [options]
  --impl NAME        ${implementationIds.join(' | ')}
  --interface IF     the interface that requests come in by (sockets: default all)
  --port N           UDP port (default: the function's own, reverse = ${portOf('reverse')})
  --function NAME    ${functionIds.join(' | ')} (default reverse)
  --threads N        default 1; a multiple of the queues
  --queues N         RX queues of the interface (default 1)
  --cpus LIST        a CPU a thread, separated by commas (default: not pinned)
  --idle MODE        spin | poll: how afxdp waits (default poll)
  --metrics ADDRESS  serve Prometheus metrics at http://ADDRESS/metrics, e.g. 127.0.0.1:9464
Runs in the foreground until SIGINT or SIGTERM, then prints its totals.
`;

/** What the stand-alone invoker was asked to do. */
export type InvokerRequest =
  | { kind: 'help' }
  | {
      kind: 'serve';
      id: ImplementationId;
      options: InvokerOptions;
      metrics: MetricsAddress | null;
    };

/** Parses the command line of the stand-alone invoker. Throws OptionError. */
export function parseInvokerOptions(argv: string[]): InvokerRequest {
  const text = { type: 'string' } as const;
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: argv,
      options: {
        impl: text,
        interface: { ...text, default: '' },
        port: text,
        function: { ...text, default: 'reverse' },
        threads: { ...text, default: '1' },
        queues: { ...text, default: '1' },
        cpus: text,
        idle: { ...text, default: 'poll' },
        metrics: text,
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    throw new OptionError((error as Error).message.split('\n')[0]);
  }
  if (values.help) return { kind: 'help' };

  const id = choice('--impl', values.impl, implementationIds);
  const functionId = choice('--function', values.function, functionIds);
  const threads = integer('--threads', values.threads, 1, 64);
  const queues = integer('--queues', values.queues, 1, 64);
  if (threads % queues !== 0) throw new OptionError(`--threads: ${threads} is not a multiple of --queues ${queues}`);
  if (id === 'recvfrom' && threads > 1) throw new OptionError(`--threads: recvfrom has one thread, not ${threads}`);
  if (id === 'afxdp' && values.interface === '') throw new OptionError('--interface: afxdp needs one');
  const cpus =
    values.cpus === undefined
      ? new Array<number>(threads).fill(anyCpu)
      : String(values.cpus)
          .split(',')
          .map((cpu) => integer('--cpus', cpu, 0, 4095));
  if (cpus.length !== threads) throw new OptionError(`--cpus: ${cpus.length} CPUs for ${threads} threads`);
  return {
    kind: 'serve',
    id,
    metrics: values.metrics === undefined ? null : address('--metrics', String(values.metrics)),
    options: {
      interface: String(values.interface),
      address: '',
      services: [
        {
          port: values.port === undefined ? portOf(functionId) : integer('--port', values.port, 1, 65535),
          functionId,
          threadsPerQueue: threads / queues,
        },
      ],
      queues,
      cpus,
      maxThreadsPerQueue: threads / queues,
      settings: {},
      idle: choice<IdleMode>('--idle', values.idle, ['spin', 'poll']),
    },
  };
}

function choice<T extends string>(option: string, value: unknown, choices: readonly T[]): T {
  const found = choices.find((candidate) => candidate === value);
  if (found === undefined) {
    const given = value === undefined ? 'it is missing; it is' : `"${value}" is not`;
    throw new OptionError(`${option}: ${given} one of ${choices.join(', ')}`);
  }
  return found;
}

function address(option: string, value: string): MetricsAddress {
  const match = /^\[?(.*?)\]?:(\d+)$/.exec(value);
  if (!match?.[1]) throw new OptionError(`${option}: "${value}" is not HOST:PORT`);
  return { host: match[1], port: integer(option, match[2], 1, 65535) };
}

function integer(option: string, value: unknown, min: number, max: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(String(value)) || number < min || number > max)
    throw new OptionError(`${option}: "${value}" is not a whole number from ${min} to ${max}`);
  return number;
}
