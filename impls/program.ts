import { closeSync } from 'node:fs';
import { mergeCounters } from '../model/counters.js';
import type { ImplementationId } from '../model/ids.js';
import type { Counters } from '../model/record.js';
import type { Runtime } from '../model/runtimes.js';
import type { Service } from '../model/settings.js';
import { anyCpu, bindUdp, keepPort, receiveBufferBytes, severalAddresses } from '../native/index.js';
import type { Implementation, InvokerOptions, RunningInvoker, ThreadReading } from './invoker.js';
import { addressBytes } from './native.js';
import { buildProgram } from './program-build.js';
import { ProgramProcess } from './program-process.js';
import { grantedRoom } from './room.js';
import { resolveSettings, waitingRoom } from './settings.js';
import { portsOfServices } from './source-port.js';

const defaults = { ...waitingRoom, socketBufferBytes: 0 } as const;

/** A program that runs, and its socket as long as that is open here, too. */
interface Started {
  port: number;
  program: ProgramProcess;
  socket: number | null;
}

/**
 * A program of runtimes/ as an implementation: a process for each function, and for each address where there are several, as most
 * languages cannot say which one a reply comes from. Where it takes a socket, that is bound here: as many requests wait for it
 * as for all others.
 */
export function programImplementation(id: ImplementationId, runtime: Runtime): Implementation {
  const settings = runtime.socket === 'given' ? defaults : {};
  return {
    id,
    settings,
    async start(options) {
      const words = await buildProgram(id, runtime);
      const resolved = resolveSettings(settings, options.settings);
      const started: Started[] = [];
      try {
        for (const [index, service] of options.services.entries()) {
          const { port } = service;
          for (const address of addressesOf(runtime, options)) {
            const place = { interface: options.interface, address: addressBytes(address), port, sharers: 1 };
            const socket = runtime.socket === 'given' ? bindUdp({ ...resolved, ...place }) : null;
            const all = [
              ...pinnedTo(options.cpus[index]),
              ...words,
              ...argumentsOf(runtime, options, service, address),
            ];
            started.push({ port, socket, program: new ProgramProcess(id, all, socket) });
          }
        }
        await Promise.all(started.map(({ program }) => program.ready()));
        const first = started[0]?.socket ?? null;
        const granted = first === null ? {} : grantedRoom(receiveBufferBytes(first), resolved);
        // libuv lets others share the port of a socket that it takes over.
        for (const { socket } of started) if (socket !== null) keepPort(socket);
        return running(id, granted, options.services, started);
      } catch (error) {
        await Promise.all(started.map(({ program }) => program.kill()));
        throw error;
      } finally {
        for (const { socket } of started) if (socket !== null) closeSync(socket);
      }
    },
  };
}

/** That a function is served at: all of the interface by one socket, where that knows whom it answers for. */
function addressesOf({ socket }: Runtime, { interface: name, address }: InvokerOptions): string[] {
  const several = address === '' && socket !== 'none' ? severalAddresses(name) : [];
  return several.length > 0 ? several : [address];
}

function pinnedTo(cpu = anyCpu): string[] {
  return cpu === anyCpu ? [] : ['taskset', '-c', String(cpu)];
}

function argumentsOf(
  { socket }: Runtime,
  { interface: name, services }: InvokerOptions,
  { functionId, port }: Service,
  address: string,
): string[] {
  return [
    ...['--function', functionId, '--address', address || '0.0.0.0', '--port', String(port)],
    ...['--refuse', portsOfServices(services).join(',')],
    ...(socket === 'given' ? [] : ['--interface', name]),
  ];
}

function running(
  id: ImplementationId,
  granted: Record<string, string>,
  services: readonly Service[],
  started: readonly Started[],
): RunningInvoker {
  const ask = async (question: (program: ProgramProcess) => Promise<Counters>): Promise<ThreadReading[]> => {
    const answers = await Promise.all(
      started.map(async ({ port, program }) => ({ port, counters: await question(program) })),
    );
    return services.map(({ port }) => ({
      ...({ port, queue: 0, state: 'running' } as const),
      counters: mergeCounters(answers.filter((answer) => answer.port === port).map(({ counters }) => counters)),
    }));
  };
  const readThreads = () => ask((program) => program.counters());
  return {
    granted,
    readThreads,
    read: async () => ({ threads: await readThreads(), shared: {} }),
    scale: async () => {
      throw Object.assign(new Error(`${id} has one thread a function`), { code: 'SCALE' });
    },
    stop: async () => ({ threads: await ask((program) => program.stop()), shared: {} }),
  };
}
