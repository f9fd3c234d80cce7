/** Facts about the machine that a figure depends on. */
export interface HostFacts {
  cpuModel: string;
  cpuCount: number;
  threadsPerCore: number;
  numaNodes: number;
  /** As the kernel writes them, `2-3,6`: kept free of what is not put there; blank if none is. */
  isolatedCpus: string;
  /** CPUs that the control groups let the benchmark keep busy; null without a limit. */
  cpuQuota: number | null;
  hypervisor: string;
  governor: string;
  clockSource: string;
  memoryBytes: number;
  kernel: string;
  kernelCommandLine: string;
  mitigations: Record<string, string>;
  sysctls: Record<string, string>;
  versions: Record<string, string>;
  commit: string;
  dirty: 'clean' | 'dirty' | 'unknown';
}
