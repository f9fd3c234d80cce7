import { z } from 'zod';
import { idleModes } from '../../model/settings.js';
import { tuningKeys } from '../../model/tuning.js';
import { count, cpus, engine, functionId, implementation, ns, number, perSecond, text, topology } from './parts.js';

/** What is asked and planned, as model/cell.ts has it. */

const optional = z.exactOptional;

export const load = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('saturate') }),
    z.strictObject({ kind: z.literal('rate'), perSecond: perSecond('Requests offered') }),
    z.strictObject({ kind: z.literal('closed'), connections: count.describe('One request outstanding each') }),
    z.strictObject({ kind: z.literal('capacity') }),
    z.strictObject({ kind: z.literal('latency-under-load') }),
    z.strictObject({ kind: z.literal('none') }),
  ])
  .meta({ id: 'load' });

export const idle = z.enum(idleModes).meta({ id: 'idle', description: 'How invoker threads wait for work' });

const onOff = z.enum(['on', 'off']);

export const settings = z
  .strictObject({
    batch: optional(count.describe('Requests taken at once')),
    workNs: optional(ns('Computation behind each function, made steps by what one takes')),
    delayNs: optional(ns('How long a thread is kept busy after each request')),
    depthPackets: optional(count.describe('Requests that may wait for a thread')),
    busyPollUs: optional(number.describe('SO_BUSY_POLL, microseconds')),
    socketBufferBytes: optional(count.describe('Of each socket, bytes; 0: what depthPackets takes')),
    steering: optional(z.enum(['hash', 'port'])),
    gro: optional(onOff),
    ringSize: optional(count.describe('Entries of AF_XDP TX and completion rings')),
    frameSize: optional(count.describe('Bytes of a UMEM chunk')),
    attach: optional(z.enum(['native', 'skb'])),
    copyMode: optional(z.enum(['copy', 'zerocopy', 'auto'])),
    checksum: optional(z.enum(['zero', 'offload', 'full'])),
    hugePages: optional(onOff),
    txBudget: optional(count.describe('Frames that one system call may send')),
    dpdkVdev: optional(text.describe('The device of DPDK: net_af_xdp, or another')),
    loop: optional(z.enum(['current', '2018'])),
  })
  .meta({ id: 'settings', description: 'What was asked for beside the defaults of the implementation' });

export const tuning = z
  .partialRecord(z.enum(tuningKeys), text)
  .meta({ id: 'tuning', description: 'Settings of host and interface by name; what is not named is left as it is' });

const variant = z
  .strictObject({ idle: idle.nullable().describe('null: as the implementation does by default'), settings, tuning })
  .meta({ id: 'variant' });

export const matrixPoint = z.strictObject({ threads: count, queues: count.describe('RX queues') }).meta({
  id: 'matrixPoint',
  description: 'Invoker threads over RX queues',
});

const placement = z
  .strictObject({
    clients: z
      .array(
        z.strictObject({
          generatorCpus: cpus('One a generator thread'),
          housekeepingCpu: count.describe('Where JavaScript runs'),
        }),
      )
      .min(1),
    invokerCpus: cpus('One an invoker thread'),
    irqCpus: cpus('Of the interrupts of each RX queue; empty where none can be placed'),
    housekeepingCpu: count.describe('Where JavaScript runs'),
    nodes: z.array(count).describe('NUMA nodes of the busy threads, ascending'),
    sharing: z.enum(['exclusive', 'shared']).describe('shared: a CPU runs more than one busy thread'),
    cores: z.enum(['own', 'shared']).describe('shared: busy threads have hardware threads of the same core'),
    warnings: z.array(text),
  })
  .meta({ id: 'placement' });

export const cell = z
  .strictObject({
    id: text.describe('Derived from the values below'),
    implementation,
    ...matrixPoint.shape,
    packetBytes: count.describe('Ethernet frame of a request without FCS, bytes'),
    functionId,
    port: count.describe('UDP port of the function'),
    load,
    engine,
    topology,
    idle,
    settings,
    tuning,
    variant: text.describe('What the variant asks for, as part of the id; blank for the defaults'),
    placement,
    durationNs: ns('Length of the measure phase'),
    warmupNs: ns('Length of the warm-up'),
  })
  .meta({ id: 'cell', description: 'One point of the matrix, every value resolved' });

const cardSide = z.strictObject({ interface: text, address: text.describe('Dotted quad') });

const farSide = z
  .strictObject({
    target: text.describe('As ssh takes it'),
    ...cardSide.shape,
    root: text.nullable().describe('Folder of the built tree there; null: the same as here'),
    inUse: z
      .enum(['refuse', 'allow'])
      .describe('Whether its interface may be tuned although the host is reached by it'),
  })
  .meta({ id: 'farSide' });

const pinnedPoint = z.strictObject({
  ...matrixPoint.shape,
  implementation: implementation.nullable(),
  invokerCpus: cpus('One a thread'),
  generatorCpus: cpus('One a thread').nullable(),
  irqCpus: cpus('One a queue').nullable(),
  housekeepingCpu: count.nullable(),
});

const role = (of: string) => cpus(of).nullable();

export const scenario = z
  .strictObject({
    name: text,
    implementations: z.array(implementation),
    functionId,
    loads: z.array(
      z.strictObject({
        load,
        matrix: z.array(matrixPoint),
        sizes: z.array(count).describe('packetBytes'),
        implementations: z.array(implementation).nullable().describe('null: those of the scenario'),
        variants: z.array(variant).nullable().describe('null: those of the scenario'),
      }),
    ),
    variants: z.array(variant),
    tuning,
    topology,
    sides: z
      .strictObject({ server: farSide, clients: z.array(farSide) })
      .nullable()
      .describe('Of the topology remote'),
    cards: z.strictObject({ server: cardSide, client: cardSide }).nullable().describe('Of the topology nic'),
    cpus: z.strictObject({
      any: role('Of all without a list of its own'),
      server: role('Of invoker threads'),
      client: role('Of generator threads'),
      irq: role('Of the interrupts of the measured queues'),
    }),
    pinned: z.array(pinnedPoint),
    durationNs: ns('Length of the measure phase'),
    warmupNs: ns('Length of the warm-up'),
    repeats: count.describe('Runs of each cell'),
    seed: count.describe('Of the order of runs'),
  })
  .meta({ id: 'scenario', description: 'The question, every value resolved' });
