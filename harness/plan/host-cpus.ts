import { formatCpuList, parseCpuList } from '../../common/cli/cpu-list.js';
import { UsageError } from '../../common/cli/errors.js';
import { type Cpus, type ReadText, readCores, readCpus, tryRead } from '../../common/process/cpus.js';
import type { Scenario } from '../../model/cell.js';

/** What placement must know of the CPUs that a run may use. */
export interface HostCpus extends Cpus {
  /** The CPUs of each NUMA node by its number; empty where the kernel names none. */
  nodes: Record<number, number[]>;
  /** How fast each CPU is, in a unit of the host's; empty where nothing tells. */
  speed: Record<number, number>;
}

const system = '/sys/devices/system';

/**
 * The CPUs that the scenario names, else those that are online and allowed to this process: isolated CPUs have to be
 * named. Throws UsageError for one that is not online.
 */
export function readHostCpus(
  readText: ReadText,
  { cpus: asked, generatorCpus }: Pick<Scenario, 'cpus' | 'generatorCpus'>,
): HostCpus {
  const own = asked === null ? readCpus(readText) : { cpus: asked, siblings: readCores(readText, asked) };
  const named = [...(asked ?? []), ...(generatorCpus ?? [])];
  const online = parseCpuList(tryRead(readText, `${system}/cpu/online`) ?? formatCpuList(own.cpus));
  const missing = named.find((cpu) => !online.includes(cpu));
  if (missing !== undefined) {
    const option = asked?.includes(missing) ? '--cpus' : '--generator-cpus';
    throw new UsageError(`${option}: CPU ${missing} is not online, CPUs ${formatCpuList(online)} are`);
  }
  // A generator's CPU that is named may be an isolated one.
  const cpus = [...new Set([...own.cpus, ...(generatorCpus ?? [])])].sort((a, b) => a - b);
  const nodes = parseCpuList(tryRead(readText, `${system}/node/online`) ?? '').map((node): [number, number[]] => [
    node,
    parseCpuList(tryRead(readText, `${system}/node/node${node}/cpulist`) ?? ''),
  ]);
  return {
    cpus,
    siblings: readCores(readText, cpus),
    nodes: Object.fromEntries(nodes),
    speed: speedOf(readText, cpus),
  };
}

/** By the capacity that firmware gives to each, else by the highest frequency. */
function speedOf(readText: ReadText, cpus: readonly number[]): Record<number, number> {
  for (const name of ['cpu_capacity', 'cpufreq/cpuinfo_max_freq']) {
    const values = cpus.map((cpu): [number, number] => [
      cpu,
      Number(tryRead(readText, `${system}/cpu/cpu${cpu}/${name}`) ?? Number.NaN),
    ]);
    if (values.every(([, speed]) => speed > 0)) return Object.fromEntries(values);
  }
  return {};
}
