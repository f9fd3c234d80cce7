import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { BenchError } from '../common/cli/errors.js';
import { packageRoot } from '../common/process/paths.js';
import { toolEnvironment } from '../common/process/tools.js';
import { removeLeftPrograms } from '../common/wire/left-programs.js';
import { type IpLink, showLinks } from '../common/wire/link.js';
import type { DpdkId } from '../model/ids.js';
import type { Counters } from '../model/record.js';
import type { Program } from '../model/runtimes.js';
import type { Service } from '../model/settings.js';
import type { Implementation, InvokerOptions, InvokerReading } from './invoker.js';
import { pinnedTo } from './program.js';
import { buildProgram } from './program-build.js';
import { ProgramProcess } from './program-process.js';
import { resolveSettings } from './settings.js';

const program: Program = {
  source: 'dpdk.cc',
  build: 'sh {folder}/dpdk.sh {program}',
  run: '{program}',
  brings: 'apt-get install libdpdk-dev libssl-dev',
};

/**
 * A program on DPDK: an lcore that polls the device and answers for all functions (docs/dpdk.md). Compiled when it is first
 * started, from the same functions and checks as the addon.
 */
export function dpdkImplementation(id: DpdkId): Implementation {
  const settings = { workNs: 0, delayNs: 0, ...(id === 'dpdk' ? { dpdkVdev: 'net_af_xdp' } : {}) };
  return {
    id,
    settings,
    async start(options) {
      await refuseWithoutDpdk(id);
      const words = await buildProgram('dpdk', program, sources());
      const { delayNs, dpdkVdev } = resolveSettings(settings, options.settings);
      const device = id === 'dpdk' ? dpdkVdev : 'net_af_packet';
      const byXdp = device.startsWith('net_af_xdp');
      if (byXdp) await refuseOtherProgram(options.interface);
      // All of it: the lcore that sleeps would starve on the CPU of a generator, and wakes for microseconds a second.
      const pinned = pinnedTo(options.cpus[0]);
      const process = new ProgramProcess(id, [...pinned, ...words, ...argumentsOf(options, device, delayNs)], null);
      try {
        await process.ready();
        const attach = byXdp ? { attach: modes[(await xdpOf(options.interface))?.mode ?? 0] ?? 'unknown' } : {};
        const read = async (counters: Promise<Counters>) => readingOf(options.services, await counters);
        return {
          granted: { ...attach, device, idle: 'spin', depthPackets: '1024', batch: '64' },
          readThreads: async () => (await read(process.counters())).threads,
          read: () => read(process.counters()),
          scale: async () => {
            throw Object.assign(new Error(`${id} has one thread for all functions`), { code: 'SCALE' });
          },
          stop: () => read(process.stop()),
        };
      } catch (error) {
        await process.kill();
        throw error;
      }
    },
  };
}

async function refuseWithoutDpdk(id: DpdkId): Promise<void> {
  const { failed } = await execa('pkg-config', ['--exists', 'libdpdk'], { reject: false, env: toolEnvironment });
  if (failed)
    throw new BenchError('TOOLCHAIN', `${id} needs DPDK, which this host does not have (${program.brings} pkg-config)`);
}

/** What the program is compiled from. */
function sources(): string[] {
  const of = (folder: string, names: RegExp) =>
    readdirSync(join(packageRoot(), folder))
      .filter((name) => names.test(name))
      .map((name) => join(packageRoot(), folder, name));
  return [...of('runtimes', /\.(cc|h|sh)$/), ...of('native', /\.(cc|h)$/), ...of('bpf', /\.(c|h|sh)$/)];
}

/** As <linux/if_link.h> numbers XDP_ATTACHED_... */
const modes = ['none', 'native', 'skb', 'offload'];

async function xdpOf(name: string): Promise<IpLink['xdp']> {
  const [link] = await showLinks([], 'link', 'show', 'dev', name);
  return link?.xdp;
}

/** DPDK would say that an argument is invalid. */
async function refuseOtherProgram(name: string): Promise<void> {
  await removeLeftPrograms();
  const xdp = await xdpOf(name);
  if (xdp === undefined) return;
  const { id, name: other = 'of no name' } = xdp.prog ?? { id: 0 };
  const message = `cannot attach an XDP program to ${name}, XDP program ${other} (id ${id}) is attached already`;
  throw new BenchError('XDP_ATTACH', `${message} (detach it first: ip link set ${name} xdp off)`);
}

function argumentsOf(
  { interface: name, address, services, workSteps }: InvokerOptions,
  device: string,
  delayNs: number,
): string[] {
  return [
    ...['--device', device, '--interface', name, '--delay-ns', String(delayNs), '--work-steps', String(workSteps)],
    ...(address === '' ? [] : ['--address', address]),
    ...services.flatMap(({ functionId, port }) => ['--function', functionId, '--port', String(port)]),
  ];
}

/** Counters of the port, which no function has for itself. */
const ofPort = /^(steer|xsk|leftToKernel)/;

/** A row for each function, though one lcore runs them all. */
function readingOf(services: readonly Service[], counters: Counters): InvokerReading {
  const all = Object.entries(counters);
  const shared = Object.fromEntries(all.filter(([name]) => ofPort.test(name)));
  const only = Object.fromEntries(all.filter(([name]) => !ofPort.test(name) && !/^\d/.test(name)));
  const threads = services.map(({ port }, index) => {
    const own = all.flatMap(([name, value]) => {
      const [, of, rest = ''] = /^(\d+)_(.+)$/.exec(name) ?? [];
      return of === String(port) ? [[rest, value]] : [];
    });
    // What found no room in the ring of the device is counted once.
    const lost = index === 0 && counters.ringFull !== undefined ? { ringFull: counters.ringFull } : {};
    const mine = services.length === 1 ? only : { ...Object.fromEntries(own), ...lost };
    return { port, queue: 0, state: 'running' as const, counters: mine };
  });
  return { threads, shared };
}
