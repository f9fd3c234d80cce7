import { z } from 'zod';
import { count, number, text } from './parts.js';

export const hostFacts = z
  .strictObject({
    cpuModel: text,
    cpuCount: count,
    threadsPerCore: number,
    numaNodes: count,
    isolatedCpus: text.describe('As the kernel writes them, 2-3,6; blank if none is'),
    cpuQuota: number.nullable().describe('CPUs that the control groups allow; null without a limit'),
    hypervisor: text,
    governor: text,
    clockSource: text,
    memoryBytes: number.describe('Bytes'),
    kernel: text,
    kernelCommandLine: text,
    mitigations: z.record(text, text),
    sysctls: z.record(text, text),
    versions: z.record(text, text),
    commit: text.describe('Of the tree that measured'),
    dirty: z.enum(['clean', 'dirty', 'unknown']),
  })
  .meta({ id: 'hostFacts', description: 'Facts about a machine that a figure depends on' });
