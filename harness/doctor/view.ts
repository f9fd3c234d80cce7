import { setTimeout as sleep } from 'node:timers/promises';
import { nowNs } from '../../common/process/clock.js';
import { type Cpus, readCpus } from '../../common/process/cpus.js';
import { tryList, tryRead } from '../../common/process/host-files.js';
import type { HostSources } from '../../common/process/host-sources.js';
import type { KernelAnswers } from '../../model/host.js';
import { cpuTimeBetween, type OwnCpuTime, parseCpuTimes } from '../measure/cpu-time.js';
import { hypervisorOf } from '../measure/host.js';
import { type ProcessUse, readProcesses, usesBetween } from './services.js';

/** Where the view comes from. */
export interface ViewSources extends HostSources {
  /** Asks the kernel through the addon, of these interfaces too; why it could not be asked, in one line. */
  askKernel(interfaces: readonly string[]): Promise<KernelAnswers | Unasked>;
  /** What killed runs have set and nobody has undone, a few words for each. Rejects where that cannot be read. */
  leftTuning(): Promise<string[]>;
  /** How long the use of the CPUs is watched. */
  watchMs: number;
}

/** What `ip` and `ethtool` print of an interface; null where they print nothing. */
export interface InterfaceView {
  name: string;
  /** As `ip -json` has it. */
  link: Link | null;
  /** By the flag of ethtool: `-k` (features), `-g` (rings), `-l` (channels), `-a` (pause), `-c` (coalescing), `-i`, ``. */
  ethtool: Readonly<Record<(typeof ethtoolFlags)[number], string | null>>;
}

/** The part of `ip -details -json link show` that is looked at. */
export interface Link {
  ifindex: number;
  flags: string[];
  mtu: number;
  linkinfo?: { info_kind?: string };
  xdp?: { prog?: { id: number; name?: string } };
}

const ethtoolFlags = ['-k', '-g', '-l', '-a', '-c', '-i', ''] as const;

/** Why the kernel could not be asked, and what helps, if that is known. */
export interface Unasked {
  failure: string;
  remedy: string | null;
}

/** A host as it is seen by the checks, which read it and nothing else. */
export interface View {
  /** Throws when it cannot. */
  readText(path: string): string;
  /** Trimmed; null where it cannot be read. */
  text(path: string): string | null;
  /** Sorted; empty where it cannot be read. */
  list(folder: string): string[];
  cpus: Cpus;
  /** `none` on bare metal. */
  hypervisor: string;
  answers: KernelAnswers | Unasked;
  interfaces: readonly InterfaceView[];
  /** What killed runs have set, or why it could not be read. */
  leftTuning: readonly string[] | string;
  /** What happened while it was watched. */
  watched: { ns: number; cpus: OwnCpuTime[]; processes: ProcessUse[] };
}

/** Looks at a host, at everything at once: it takes as long as the use of the CPUs is watched. */
export async function readView(sources: ViewSources, interfaceNames: readonly string[]): Promise<View> {
  const text = (path: string) => tryRead(sources.readText, path)?.trim() ?? null;
  const list = (folder: string) => tryList(sources.list, folder).sort();
  const usage = () => ({
    ns: nowNs(),
    cpus: parseCpuTimes(text('/proc/stat') ?? ''),
    processes: readProcesses({ text, list }),
  });
  const before = usage();
  const [after, answers, leftTuning, lscpu, ...interfaces] = await Promise.all([
    sleep(sources.watchMs).then(usage),
    sources.askKernel(interfaceNames),
    sources.leftTuning().catch((error: Error) => error.message),
    sources.output('lscpu', []),
    ...interfaceNames.map((name) => readInterface(sources, name)),
  ]);
  const ns = after.ns - before.ns;
  return {
    readText: (path) => sources.readText(path),
    text,
    list,
    answers,
    interfaces,
    leftTuning,
    cpus: readCpus(sources.readText),
    hypervisor: hypervisorOf(lscpu, text('/proc/cpuinfo') ?? ''),
    watched: {
      ns,
      cpus: cpuTimeBetween(before.cpus, after.cpus, ns),
      processes: usesBetween(before.processes, after.processes, ns),
    },
  };
}

async function readInterface({ output }: HostSources, name: string): Promise<InterfaceView> {
  const [link, ...answers] = await Promise.all([
    output('ip', ['-details', '-json', 'link', 'show', 'dev', name]),
    ...ethtoolFlags.map((flag) => output('ethtool', flag === '' ? [name] : [flag, name])),
  ]);
  return {
    name,
    link: linkOf(link),
    ethtool: Object.fromEntries(
      ethtoolFlags.map((flag, index) => [flag, answers[index] ?? null]),
    ) as InterfaceView['ethtool'],
  };
}

/** Null for what is not JSON: an `ip` without that option prints something else. */
function linkOf(text: string | null): Link | null {
  try {
    return (JSON.parse(text ?? '[]') as Link[])[0] ?? null;
  } catch {
    return null;
  }
}
