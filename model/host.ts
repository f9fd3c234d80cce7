/** Facts about the machine that a figure depends on. */
export interface HostFacts {
  cpuModel: string;
  cpuCount: number;
  threadsPerCore: number;
  numaNodes: number;
  hypervisor: string;
  governor: string;
  memoryBytes: number;
  kernel: string;
  kernelCommandLine: string;
  mitigations: Record<string, string>;
  sysctls: Record<string, string>;
  versions: Record<string, string>;
  commit: string;
  dirty: 'clean' | 'dirty' | 'unknown';
}
