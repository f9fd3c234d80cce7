import { closeSync } from 'node:fs';
import { mergeCounters } from '../model/counters.js';
import type { ImplementationId } from '../model/ids.js';
import type { Counters } from '../model/record.js';
import type { Runtime } from '../model/runtimes.js';
import type { Service } from '../model/settings.js';
import { anyCpu, bindUdp, keepPort, receiveBufferBytes, severalAddresses, type UdpBinding } from '../native/index.js';
import type { Implementation, InvokerOptions, RunningInvoker, ThreadReading } from './invoker.js';
import { addressBytes } from './native.js';
import { buildProgram } from './program-build.js';
import { ProgramProcess } from './program-process.js';
import { takeSocket } from './program-socket.js';
import { grantedRoom } from './room.js';
import { resolveSettings, waitingRoom } from './settings.js';
import { portsOfServices } from './source-port.js';

const defaults = { ...waitingRoom, socketBufferBytes: 0 } as const;

/** A program that runs, and its socket while that is open here, too. */
interface Started {
  binding: UdpBinding;
  program: ProgramProcess;
  socket: number | null;
}

/**
 * A program of runtimes/ as an implementation: a process for each function, and for each address where there are several, as most
 * languages cannot say which one a reply comes from. As many requests wait for it as for all others: its socket is bound here, or
 * set up here once the program has bound it.
 */
export function programImplementation(id: ImplementationId, runtime: Runtime): Implementation {
  return {
    id,
    settings: defaults,
    async start(options) {
      const words = await buildProgram(id, runtime);
      const resolved = resolveSettings(defaults, options.settings);
      const started: Started[] = [];
      try {
        for (const [index, service] of options.services.entries()) {
          for (const address of addressesOf(options)) {
            const place = {
              interface: options.interface,
              address: addressBytes(address),
              port: service.port,
              sharers: 1,
            };
            const binding = { ...resolved, ...place };
            const socket = openSocket(runtime, binding);
            const pinned = pinnedTo(options.cpus[index]);
            const all = [...pinned, ...words, ...argumentsOf(options, service, address)];
            started.push({ binding, socket, program: new ProgramProcess(id, all, socket) });
          }
        }
        await Promise.all(started.map(({ program }) => program.ready()));
        for (const one of started)
          if (runtime.socket === 'own') one.socket = takeSocket(id, one.program.pid, one.binding);
        const sockets = started.flatMap(({ socket }) => socket ?? []);
        // Runtimes let others share the port of a socket that they take over.
        for (const socket of sockets) keepPort(socket);
        const granted = sockets.slice(0, 1).map((socket) => grantedRoom(receiveBufferBytes(socket), resolved));
        return running(id, granted[0] ?? {}, options.services, started);
      } catch (error) {
        await Promise.all(started.map(({ program }) => program.kill()));
        throw error;
      } finally {
        for (const { socket } of started) if (socket !== null) closeSync(socket);
      }
    },
  };
}

/** The socket that a program is given; where it binds one, nobody else may have the port, be it one who would share it. */
function openSocket({ socket }: Runtime, binding: UdpBinding): number | null {
  const bound = bindUdp(binding);
  if (socket === 'given') return bound;
  closeSync(bound);
  return null;
}

/** That a function is served at: all of the interface by one socket, where that knows whom it answers for. */
function addressesOf({ interface: name, address }: InvokerOptions): string[] {
  const several = address === '' ? severalAddresses(name) : [];
  return several.length > 0 ? several : [address];
}

/** Words that keep a program on a CPU. */
export function pinnedTo(cpu = anyCpu): string[] {
  return cpu === anyCpu ? [] : ['taskset', '-c', String(cpu)];
}

function argumentsOf({ services }: InvokerOptions, { functionId, port }: Service, address: string): string[] {
  return [
    ...['--function', functionId, '--address', address || '0.0.0.0', '--port', String(port)],
    ...['--refuse', portsOfServices(services).join(',')],
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
      started.map(async ({ binding, program }) => ({ port: binding.port, counters: await question(program) })),
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
