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

/** What a driver may be able to do of XDP, as the kernel calls it. */
export type XdpFeature = 'basic' | 'redirect' | 'ndo-xmit' | 'xsk-zerocopy' | 'hw-offload' | 'rx-sg' | 'ndo-xmit-sg';

export interface XdpAbilities {
  features: XdpFeature[];
  /** Buffers that a frame may have with zero-copy; 0 if the kernel does not tell. */
  zeroCopySegments: number;
}

/** One that is loaded, whoever has it. */
export interface XdpProgram {
  id: number;
  name: string;
}

/**
 * What cells can do with the interrupts of an interface: `placed`: each names its queue, and goes where a cell has it;
 * `nameless`: none names one; `fixed`: the kernel lets nobody move them. The last two stay where they are.
 */
export type Interrupts = 'placed' | 'nameless' | 'fixed';

/** What the datapaths stand on: an XDP program (afxdp, xdp), sockets of AF_XDP and AF_PACKET (afxdp, afpacket), an io_uring (iouring). */
export type Mechanism = 'xdpProgram' | 'xdpSocket' | 'packetSocket' | 'ioUring';

/** What the kernel answers when it is asked by the addon itself. */
export interface KernelAnswers {
  /** Why it refuses a mechanism, in one line; null if it does not. */
  refusals: Record<Mechanism, string | null>;
  /** By the name of the interface; null where the kernel does not tell (before Linux 6.3). */
  xdp: Record<string, XdpAbilities | null>;
  /** Queues that are in use, by the name of the interface; zeros where it does not tell. */
  queues: Record<string, { rx: number; tx: number }>;
}
