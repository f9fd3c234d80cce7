import { parseCpuList } from '../../common/cli/cpu-list.js';
import { type ReadText, tryRead } from '../../common/process/host-files.js';

/** CPUs whose cores are built alike, or may run equally fast. */
export interface CoreKind {
  /** What the host says of them: `performance cores`, `capacity 446`, `up to 3.4 GHz`. */
  name: string;
  /** Ascending. */
  cpus: number[];
}

/** The kernel has a device for each kind of core of a hybrid x86 processor. */
const hybridDevices: [device: string, name: string][] = [
  ['cpu_core', 'performance cores'],
  ['cpu_atom', 'efficiency cores'],
  ['cpu_lowpower', 'low-power cores'],
];

/** What tells how fast each CPU may run, the better first. */
const speeds: [file: string, nameOf: (speed: number) => string][] = [
  ['cpu_capacity', (capacity) => `capacity ${capacity}`],
  ['cpufreq/cpuinfo_max_freq', (kHz) => `up to ${(kHz / 1e6).toFixed(1)} GHz`],
];

/** Above this ratio of their speeds two CPUs are not alike: a favoured core of one kind differs by less. */
const alikeRatio = 1.1;

/** The kinds of the CPUs' cores, the fastest first; empty where all are alike or nothing tells. */
export function readCoreKinds(readText: ReadText, cpus: readonly number[]): CoreKind[] {
  const named = hybridDevices.map(([device, name]): CoreKind => {
    const own = parseCpuList(tryRead(readText, `/sys/devices/${device}/cpus`) ?? '');
    return { name, cpus: cpus.filter((cpu) => own.includes(cpu)) };
  });
  const hybrid = named.filter((kind) => kind.cpus.length > 0);
  const kinds = hybrid.length > 0 ? hybrid : kindsBySpeed(readText, cpus);
  return kinds.length > 1 ? kinds : [];
}

function kindsBySpeed(readText: ReadText, cpus: readonly number[]): CoreKind[] {
  for (const [file, nameOf] of speeds) {
    const known = cpus.map((cpu) => {
      const text = tryRead(readText, `/sys/devices/system/cpu/cpu${cpu}/${file}`);
      return { cpu, speed: Number(text ?? Number.NaN) };
    });
    if (known.every(({ speed }) => speed > 0)) return groupAlike(known, nameOf);
  }
  return [];
}

function groupAlike(known: readonly { cpu: number; speed: number }[], nameOf: (speed: number) => string): CoreKind[] {
  const groups: { fastest: number; cpus: number[] }[] = [];
  for (const { cpu, speed } of known.toSorted((a, b) => b.speed - a.speed)) {
    const group = groups.at(-1);
    if (group && group.fastest <= alikeRatio * speed) group.cpus.push(cpu);
    else groups.push({ fastest: speed, cpus: [cpu] });
  }
  return groups.map(({ fastest, cpus }) => ({ name: nameOf(fastest), cpus: cpus.sort((a, b) => a - b) }));
}
