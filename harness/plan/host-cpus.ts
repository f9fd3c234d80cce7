import { formatCpuList, parseCpuList } from '../../common/cli/cpu-list.js';
import { UsageError } from '../../common/cli/errors.js';
import { type Cpus, readCores, readCpus } from '../../common/process/cpus.js';
import { type ReadText, tryRead } from '../../common/process/host-files.js';
import { readQuota } from '../../common/process/quota.js';
import { matrixLabel, type Scenario } from '../../model/cell.js';
import { type CoreKind, readCoreKinds } from './core-kinds.js';

/** What placement must know of the CPUs of a host. Facts are of all CPUs that a run may use or that the user names. */
export interface HostCpus extends Cpus {
  /** The CPUs of each NUMA node by its number; empty where the kernel names none. */
  nodes: Record<number, number[]>;
  /** The fastest first; empty where all cores are alike or nothing tells. */
  kinds: CoreKind[];
  /** CPUs that the control groups let a run keep busy; null without a limit. */
  quota: number | null;
  /** CPUs that the kernel's command line keeps free of other threads (`isolcpus`), those that the run may not use too. */
  isolated: number[];
}

const system = '/sys/devices/system';

/**
 * The CPUs that the scenario names, else those that are online and allowed to this process: isolated CPUs have to be
 * named. Throws UsageError for one that is not online.
 */
export function readHostCpus(readText: ReadText, { cpus: asked, pinned }: Pick<Scenario, 'cpus' | 'pinned'>): HostCpus {
  const named = namedCpus({ cpus: asked, pinned });
  const own = asked.any ?? readCpus(readText).cpus;
  const online = parseCpuList(tryRead(readText, `${system}/cpu/online`) ?? formatCpuList(own));
  for (const { option, cpus } of named) {
    const missing = cpus.find((cpu) => !online.includes(cpu));
    if (missing !== undefined)
      throw new UsageError(`${option}: CPU ${missing} is not online, CPUs ${formatCpuList(online)} are`);
  }
  const all = [...new Set([...own, ...named.flatMap(({ cpus }) => cpus)])].sort((a, b) => a - b);
  const nodes = parseCpuList(tryRead(readText, `${system}/node/online`) ?? '').map((node): [number, number[]] => [
    node,
    parseCpuList(tryRead(readText, `${system}/node/node${node}/cpulist`) ?? ''),
  ]);
  return {
    cpus: own,
    siblings: readCores(readText, all),
    nodes: Object.fromEntries(nodes),
    kinds: readCoreKinds(readText, all),
    quota: readQuota(readText)?.cpus ?? null,
    isolated: parseCpuList(tryRead(readText, `${system}/cpu/isolated`) ?? '').filter((cpu) => online.includes(cpu)),
  };
}

/** The CPUs that a user named, with the option that names them. */
function namedCpus({ cpus, pinned }: Pick<Scenario, 'cpus' | 'pinned'>): { option: string; cpus: number[] }[] {
  const { any, ...roles } = cpus;
  const byRole = Object.entries(roles).map(([role, own]) => ({ option: `--cpus: ${role}`, cpus: own ?? [] }));
  const byPoint = pinned.flatMap((point) => {
    const option = `--placement: ${matrixLabel(point)}`;
    const { invokerCpus, generatorCpus, irqCpus, housekeepingCpu } = point;
    return [
      { option: `${option}: invoker`, cpus: invokerCpus },
      { option: `${option}: generator`, cpus: generatorCpus ?? [] },
      { option: `${option}: irq`, cpus: irqCpus ?? [] },
      { option: `${option}: harness`, cpus: housekeepingCpu === null ? [] : [housekeepingCpu] },
    ];
  });
  return [{ option: '--cpus', cpus: any ?? [] }, ...byRole, ...byPoint];
}
