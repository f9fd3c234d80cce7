import { describe, expect, it } from 'vitest';
import { type HostCpus, readHostCpus } from '../../../harness/plan/host-cpus.js';
import { onVeth, type PlacementRequest, place } from '../../../harness/plan/placement.js';
import { parseCpuRoles } from '../../../harness/question/cpu-roles.js';
import type { Load, PinnedPoint, Placement } from '../../../model/cell.js';
import { anyCpus, fakeSysfs, hosts, plainHost, realHost } from '../../fakes/hosts.js';

const saturate: Load = { kind: 'saturate' };
const closed: Load = { kind: 'closed', connections: 4 };

function placed(host: HostCpus, label: string, over: Partial<PlacementRequest> = {}): Placement {
  const [threads = 0, queues = 0] = label.match(/\d+/g)?.map(Number) ?? [];
  const result = place({
    ...{ ...onVeth(host), roles: anyCpus, pinned: null, threads, queues, load: saturate },
    ...{ implementation: 'recvmmsg', idle: null, irqAffinity: null },
    ...over,
  });
  if ('skip' in result) throw new Error(result.skip);
  return result.placement;
}

const nicOn = (node: number | null) => ({ node, interrupts: 'placed' }) as const;

const generatorCpusOf = ({ clients }: Placement) => clients.flatMap(({ generatorCpus }) => generatorCpus);

/** `0>11 h2`: CPUs of generator and invoker threads, of the harness. */
const brief = (placement: Placement) =>
  `${generatorCpusOf(placement)}>${placement.invokerCpus} h${placement.housekeepingCpu}`;

describe('place on real hosts', () => {
  it.each<[keyof typeof hosts, string, Load, string, number]>([
    ['twoSockets', '1T1Q', saturate, '0>35 h1', 0],
    ['twoSockets', '4T4Q', saturate, '0,1,2,3>35,34,33,32 h4', 0],
    ['twoSockets', '8T4Q', saturate, '0,1,2,3>35,34,33,32,31,30,29,28 h24', 0],
    ['twoSockets', '1T1Q', closed, '0,1,2,3>35 h4', 0],
    ['eightNodes', '1T1Q', saturate, '0>71 h1', 0],
    ['eightNodes', '4T4Q', saturate, '0,1,2,3>71,70,69,68 h64', 0],
    ['eightNodes', '8T8Q', saturate, '0,1,2,3,4,5,6,7>71,70,69,68,67,66,65,64 h8', 1],
    ['hybridLaptop', '1T1Q', saturate, '0>7 h8', 0],
    ['hybridLaptop', '2T2Q', saturate, '0,3>7,5 h8', 0],
    ['hybridLaptop', '1T1Q', closed, '0,2,4>7 h8', 1],
    ['hybridLaptop', '4T4Q', saturate, '0,5,2,7>15,14,13,12 h8', 1],
    ['cpus256', '1T1Q', saturate, '0>191 h1', 0],
    ['cpus256', '8T8Q', saturate, '0,1,2,3,4,5,6,7>191,190,189,188,187,186,185,184 h8', 0],
    ['cloud', '1T1Q', saturate, '0>1 h0', 1],
    ['cloud', '2T2Q', saturate, '0,1>1,0 h0', 2],
    ['armServer', '1T1Q', saturate, '0>79 h1', 0],
    ['armServer', '4T4Q', closed, '0,1,2,3>79,78,77,76 h4', 0],
    ['armBoard', '1T1Q', saturate, '4>7 h0', 0],
    ['armBoard', '2T2Q', saturate, '4,5>7,6 h0', 0],
  ])('%s, %s %j: %s', (name, label, load, expected, warnings) => {
    const placement = placed(realHost(name), label, { load });
    expect(brief(placement)).toBe(expected);
    expect(placement.warnings).toHaveLength(warnings);
  });

  it('names the threads that cross nodes', () => {
    const roles = parseCpuRoles('--cpus', 'server=13,14,client=2');
    const { nodes, warnings } = placed(realHost('twoSockets'), '2T1Q', { roles });
    expect(nodes).toEqual([0, 1]);
    expect(warnings).toEqual([
      'Threads of several NUMA nodes exchange packets across the interconnect: generator thread 0 on CPU 2 (node 0); ' +
        'invoker threads 0-1 on CPUs 13-14 (node 1).',
    ]);
  });

  it('names the threads that have another kind of core', () => {
    const roles = parseCpuRoles('--cpus', 'server=2,9');
    expect(placed(realHost('hybridLaptop'), '2T1Q', { roles }).warnings).toEqual([
      'Threads run on unequal cores: generator thread 0 on CPU 0, invoker thread 0 on CPU 2 (performance cores); ' +
        'invoker thread 1 on CPU 9 (efficiency cores).',
    ]);
  });

  it('has all threads on the node of the CPUs that the user gives to one role', () => {
    const on = (text: string) =>
      brief(placed(realHost('twoSockets'), '1T1Q', { roles: parseCpuRoles('--cpus', text) }));
    expect(on('server=13')).toBe('12>13 h14');
    expect(on('client=13')).toBe('13>47 h12');
  });
});

describe('place and isolated CPUs', () => {
  const isolated = (cpus: string) => {
    const roles = parseCpuRoles('--cpus', cpus);
    return { host: readHostCpus(fakeSysfs(hosts.thesis, '6-11'), { cpus: roles, pinned: [] }), roles };
  };

  it.each([
    ['0-11', '1T1Q', '6>11 h0'],
    ['0-11', '2T2Q', '6,9>11,10 h0'],
    ['server=8-11', '1T1Q', '0>11 h2'],
    ['6-11', '1T1Q', '6>11 h8'],
  ])('--cpus %s, %s: %s', (cpus, label, expected) => {
    const { host, roles } = isolated(cpus);
    expect(brief(placed(host, label, { roles }))).toBe(expected);
  });

  it('names the threads that are not isolated as others are', () => {
    const { host, roles } = isolated('client=2,server=11');
    expect(placed(host, '1T1Q', { roles }).warnings).toEqual([
      'Only some threads run on isolated CPUs: invoker thread 0 on CPU 11 (isolated); generator thread 0 on CPU 2 (not isolated).',
    ]);
  });
});

describe('tables 4 and 5 of the published experiment', () => {
  // Two hosts, interrupts on the first threads of the cores, application threads from the highest second thread down.
  const onNic = (label: string, implementation: PlacementRequest['implementation']) => {
    const [server, client] = [realHost('thesis'), realHost('thesis')];
    const { irqCpus, invokerCpus } = placed(server, label, { clients: [client], nic: nicOn(0), implementation });
    return `irq ${irqCpus} threads ${invokerCpus}`;
  };

  it.each([
    ['1T1Q', 'irq 0 threads 11'],
    ['2T1Q', 'irq 0 threads 11,9'],
    ['2T2Q', 'irq 0,2 threads 11,9'],
    ['4T2Q', 'irq 0,2 threads 11,9,7,5'],
    ['4T4Q', 'irq 0,2,4,6 threads 11,9,7,5'],
    // More threads than cores: the rule of the tables ends, and idle CPUs come next.
    ['8T4Q', 'irq 0,2,4,6 threads 11,9,7,5,3,1,10,8'],
  ])('table 4, sockets: %s has %s', (label, expected) => expect(onNic(label, 'recvmmsg')).toBe(expected));

  it.each([
    ['1T1Q', 'irq 0 threads 11'],
    ['2T1Q', 'irq 0 threads 11,9'],
    ['2T2Q', 'irq 0,2 threads 11,9'],
    ['4T4Q', 'irq 0,2,4,6 threads 11,9,7,5'],
    // More of both than there are cores: each begins again where it began.
    ['8T8Q', 'irq 0,2,4,6,8,10,0,2 threads 11,9,7,5,3,1,11,9'],
  ])('table 5, AF_XDP: %s has %s', (label, expected) => expect(onNic(label, 'afxdp')).toBe(expected));
});

describe('place on a NIC', () => {
  const nic = nicOn(1);

  it('has the NIC, its interrupts and the invoker on one node, and says what is not', () => {
    const [server, client] = [realHost('twoSockets'), realHost('twoSockets')];
    const here = placed(server, '2T2Q', { clients: [client], nic });
    expect([here.irqCpus, here.invokerCpus, here.nodes, here.warnings]).toEqual([[12, 13], [47, 46], [1], []]);
    const far = placed(server, '1T1Q', { clients: [client], nic, roles: { ...anyCpus, server: [3] } });
    expect(far.warnings).toEqual([
      'Threads of several NUMA nodes exchange packets across the interconnect: invoker thread 0 on CPU 3 (node 0); ' +
        'the NIC, interrupts of queue 0 on CPU 12 (node 1).',
    ]);
  });

  it('keeps all threads of one host on CPUs of their own', () => {
    const placement = placed(realHost('thesis'), '2T2Q', { nic: nicOn(null) });
    const { invokerCpus, irqCpus, sharing } = placement;
    expect([irqCpus, generatorCpusOf(placement), invokerCpus, sharing]).toEqual([[0, 2], [4, 6], [11, 9], 'exclusive']);
  });

  it('says where interrupts and threads share a CPU or a core', () => {
    const [server, client] = [realHost('thesis'), realHost('thesis')];
    const roles = parseCpuRoles('--cpus', 'server=0,irq=0');
    const { sharing, warnings } = placed(server, '1T1Q', { clients: [client], nic, roles });
    expect(sharing).toBe('shared');
    expect(warnings).toEqual(['Busy threads share CPUs: CPU 0 runs interrupts of queue 0, invoker thread 0.']);
    expect(placed(server, '4T4Q', { clients: [client], nic }).warnings).toEqual([
      'Busy threads share physical cores: CPUs 4+5, 6+7.',
    ]);
  });

  it('runs xdp where the interrupts are', () => {
    const { invokerCpus } = placed(realHost('thesis'), '2T2Q', { nic, implementation: 'xdp' });
    expect(invokerCpus).toEqual([0, 2]);
  });

  it('has interrupts where the tuning puts them, in turn, and threads elsewhere', () => {
    const [server, client] = [realHost('thesis'), realHost('thesis')];
    const { irqCpus, invokerCpus } = placed(server, '3T3Q', { clients: [client], nic, irqAffinity: [11, 9] });
    expect([irqCpus, invokerCpus]).toEqual([
      [11, 9, 11],
      [7, 5, 3],
    ]);
  });

  it('names no CPU of interrupts that name no queue, and says so', () => {
    const nameless = { node: 1, interrupts: 'nameless' } as const;
    const at = (over: Partial<PlacementRequest>) => placed(realHost('thesis'), '1T1Q', { nic: nameless, ...over });
    const { irqCpus, warnings } = at({ roles: parseCpuRoles('--cpus', 'irq=0') });
    const why = "No interrupt of the server's NIC names a queue: they stay where its host has them.";
    expect([irqCpus, warnings]).toEqual([[], [`${why} Threads without CPUs of their own keep off CPU 0.`]]);
    expect(at({ implementation: 'xdp' }).warnings).toEqual([`${why} xdp runs there, whatever CPU is named here.`]);
  });
});

describe('place on several clients', () => {
  const nic = nicOn(null);
  const three = (...cpus: number[][]) => cpus.map((own) => plainHost(own)) as PlacementRequest['clients'];
  const clientsOf = (over: Partial<PlacementRequest>, label = '2T2Q') =>
    placed(realHost('thesis'), label, over).clients.map(
      ({ generatorCpus, housekeepingCpu }) => `${generatorCpus} h${housekeepingCpu}`,
    );

  it('each has the CPUs of its own host', () => {
    const clients = three([0, 1, 2], [4, 5, 6], [0, 1]);
    expect(clientsOf({ nic, clients })).toEqual(['0,1 h2', '4,5 h6', '0,1 h0']);
  });

  it('each has its share of the connections', () => {
    const clients = three([0, 1, 2, 3], [0, 1, 2, 3], [0, 1]);
    expect(clientsOf({ nic, clients, load: { kind: 'closed', connections: 5 } })).toEqual(['0,1 h2', '0,1 h2', '0 h1']);
    const { warnings } = placed(realHost('thesis'), '1T1Q', { nic, clients, load: { kind: 'closed', connections: 9 } });
    expect(warnings).toEqual(['3 connections take turns on CPU 0: their round trips include waiting for each other.']);
  });

  it('none is left without a connection', () => {
    const load: Load = { kind: 'closed', connections: 2 };
    expect(() => clientsOf({ nic, clients: three([0, 1], [0, 1], [0, 1]), load })).toThrow(
      'closed=2 leaves 1 of 3 clients without a connection',
    );
  });

  it('all have the engine that each can have', () => {
    // Of the second one no CPU reaches queue 1.
    const clients = three([0, 1], [0, 2], [1, 2]);
    expect(clientsOf({ nic: null, clients })).toEqual(['0 h1', '0 h2', '1 h2']);
    expect(clientsOf({ nic: null, clients }, '1T1Q')).toEqual(['0 h1', '0 h2', '1 h2']);
  });

  it('says of which a quota is too small', () => {
    const clients = [plainHost([0, 1]), plainHost([0, 1], { quota: 1 })] as PlacementRequest['clients'];
    expect(() => clientsOf({ nic, clients }, '1T1Q')).toThrow(/^a quota of 1 CPUs leaves nothing beside 1 that never/);
  });
});

describe('place and what a user wrote down', () => {
  const open = { implementation: null, generatorCpus: null, irqCpus: null, housekeepingCpu: null };
  const at = (
    label: string,
    cpus: Partial<PinnedPoint> & { invokerCpus: number[] },
    over: Partial<PlacementRequest> = {},
  ) => {
    const [threads = 0, queues = 0] = label.match(/\d+/g)?.map(Number) ?? [];
    return placed(realHost('thesis'), label, { pinned: { ...open, threads, queues, ...cpus }, ...over });
  };

  it('takes every CPU as it stands there', () => {
    const all = { invokerCpus: [9, 11], generatorCpus: [4, 1], irqCpus: [2, 8], housekeepingCpu: 6 };
    expect(brief(at('2T2Q', all))).toBe('4,1>9,11 h6');
    expect(at('2T2Q', all, { nic: nicOn(null) }).irqCpus).toEqual([2, 8]);
    expect(brief(at('2T2Q', { invokerCpus: [3, 3] }))).toBe('4,1>3,3 h6');
  });

  it('has as many generator threads as the load needs, in the order of the list', () => {
    const cpus = { invokerCpus: [11], generatorCpus: [7, 3, 5] };
    expect(generatorCpusOf(at('1T1Q', cpus))).toEqual([7]);
    expect(generatorCpusOf(at('1T1Q', cpus, { load: { kind: 'closed', connections: 2 } }))).toEqual([7, 3]);
  });

  it('says where the irq of the file has no effect', () => {
    expect(at('1T1Q', { invokerCpus: [11], irqCpus: [0] }).warnings).toEqual([
      'A veth has no interrupts: it receives on the CPU that sends. The irq of --placement has no effect.',
    ]);
  });
});
