import { describe, expect, it } from 'vitest';
import type { HostCpus } from '../../../harness/plan/host-cpus.js';
import { onVeth, type PlacementRequest, type PlacementResult, place } from '../../../harness/plan/placement.js';
import type { Load } from '../../../model/cell.js';
import { implementationIds } from '../../../model/ids.js';
import { anyCpus, plainHost } from '../../fakes/hosts.js';

const saturate: Load = { kind: 'saturate' };
const closed: Load = { kind: 'closed', connections: 4 };
const none: Load = { kind: 'none' };

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** 6 cores of 2 threads, numbered as the firmware of most servers does: 0 and 6 are one core. */
const splitHyperThreads = plainHost(range(12), { siblings: range(6).map((core) => [core, core + 6]) });
/** The same, numbered as most virtual machines do: 0 and 1 are one core. */
const pairedHyperThreads = plainHost(range(12), { siblings: range(6).map((core) => [2 * core, 2 * core + 1]) });

/** 2 sockets of 4 cores. */
const twoNodes = plainHost(range(8), { nodes: { 0: [0, 1, 2, 3], 1: [4, 5, 6, 7] } });
const turnedNodes = plainHost(range(8), { nodes: { 0: [0, 2, 4, 6], 1: [1, 3, 5, 7] } });

function request(host: HostCpus, label: string, load: Load = saturate, over: Partial<PlacementRequest> = {}) {
  const [threads = 0, queues = 0] = label.match(/\d+/g)?.map(Number) ?? [];
  const choices = { implementation: 'recvmmsg', idle: null, nic: null, irqAffinity: null, pinned: null } as const;
  const asked = { threads, queues, load, roles: anyCpus, ...choices };
  return { ...onVeth(host), ...asked, ...over } satisfies PlacementRequest;
}

type Placed = Exclude<PlacementResult, { skip: string }>;

function placed(of: PlacementRequest): Placed {
  const result = place(of);
  if ('skip' in result) throw new Error(result.skip);
  return result;
}

/** `live 0>1 h0`: engine, generator CPUs, invoker CPUs, harness CPU. */
function brief({ engine, placement }: Placed): string {
  return `${engine} ${placement.clients[0]?.generatorCpus.join(',')}>${placement.invokerCpus.join(',')} h${placement.housekeepingCpu}`;
}

describe('place: who runs where', () => {
  const two = plainHost([0, 1]);
  const three = plainHost([0, 1, 2]);
  const four = plainHost(range(4));
  it.each<[string, HostCpus, string, Load, string]>([
    ['2 CPUs', two, '1T1Q', saturate, 'live 0>1 h0'],
    ['2 CPUs', two, '2T1Q', saturate, 'live 0>1,1 h0'],
    ['2 CPUs', two, '2T2Q', saturate, 'live 0,1>1,0 h0'],
    ['2 CPUs', two, '4T2Q', saturate, 'live 0,1>1,0,1,0 h0'],
    ['2 CPUs', two, '4T4Q', saturate, 'afxdp 0>1,1,1,1 h0'],
    ['2 CPUs', two, '1T1Q', closed, 'socket 0>1 h0'],
    ['2 CPUs', two, '4T4Q', closed, 'socket 0>1,1,1,1 h0'],
    ['2 CPUs', two, '1T1Q', none, 'none >1 h0'],
    ['2 CPUs', two, '2T2Q', none, 'none >1,1 h0'],
    ['3 CPUs', three, '1T1Q', saturate, 'live 0>2 h1'],
    ['3 CPUs', three, '2T1Q', saturate, 'live 0>2,1 h0'],
    ['3 CPUs', three, '2T2Q', saturate, 'live 0,1>2,2 h0'],
    ['3 CPUs', three, '4T4Q', saturate, 'afxdp 0>2,1,2,1 h0'],
    ['4 CPUs', four, '1T1Q', saturate, 'live 0>3 h1'],
    ['4 CPUs', four, '2T2Q', saturate, 'live 0,1>3,2 h0'],
    ['4 CPUs', four, '4T4Q', saturate, 'live 0,1,2,3>3,2,1,0 h0'],
    ['4 CPUs', four, '8T4Q', saturate, 'live 0,1,2,3>3,2,1,0,3,2,1,0 h0'],
    ['5 CPUs', plainHost(range(5)), '4T4Q', saturate, 'live 0,1,2,3>4,4,3,2 h0'],
    ['64 CPUs', plainHost(range(64)), '4T4Q', saturate, 'live 0,1,2,3>63,62,61,60 h4'],
    ['CPUs 4, 7', plainHost([4, 7]), '1T1Q', saturate, 'live 4>7 h4'],
    ['CPUs 4, 7', plainHost([4, 7]), '2T2Q', saturate, 'live 4,7>7,4 h4'],
    ['CPUs 2, 4 reach queue 0 only', plainHost([2, 4]), '2T2Q', saturate, 'afxdp 2>4,4 h2'],
    ['CPUs 1, 2', plainHost([1, 2]), '2T2Q', saturate, 'live 2,1>2,1 h2'],
    ['CPUs 3, 8, 10, 12, 17', plainHost([3, 8, 10, 12, 17]), '2T2Q', saturate, 'live 8,3>17,12 h10'],
    ['6x2 split', splitHyperThreads, '1T1Q', saturate, 'live 0>11 h1'],
    ['6x2 split', splitHyperThreads, '2T2Q', saturate, 'live 0,1>11,10 h2'],
    ['6x2 split', splitHyperThreads, '4T1Q', saturate, 'live 0>11,10,9,8 h1'],
    ['6x2 split', splitHyperThreads, '4T4Q', saturate, 'live 0,1,2,3>11,10,9,8 h6'],
    ['6x2 paired', pairedHyperThreads, '1T1Q', saturate, 'live 0>11 h2'],
    ['6x2 paired', pairedHyperThreads, '2T2Q', saturate, 'live 0,3>11,9 h4'],
    ['6x2 paired', pairedHyperThreads, '5T1Q', saturate, 'live 0>11,9,7,5,3 h1'],
    ['6x2 paired', pairedHyperThreads, '4T2Q', closed, 'socket 0>11,9,7,5 h2'],
    ['6x2 paired', pairedHyperThreads, '2T2Q', closed, 'socket 0,2,4>11,9 h6'],
    ['3 CPUs', three, '1T1Q', closed, 'socket 0>2 h1'],
    ['4 CPUs', four, '1T1Q', closed, 'socket 0,1>3 h2'],
    ['8 CPUs', plainHost(range(8)), '1T1Q', closed, 'socket 0,1,2,3>7 h4'],
    ['8 CPUs', plainHost(range(8)), '1T1Q', { kind: 'closed', connections: 2 }, 'socket 0,1>7 h2'],
    ['2 nodes', twoNodes, '1T1Q', saturate, 'live 0>3 h1'],
    ['2 nodes', twoNodes, '2T2Q', saturate, 'live 0,1>3,2 h4'],
    ['2 nodes', twoNodes, '4T1Q', saturate, 'live 0>3,2,1,7 h4'],
    ['2 nodes, numbered in turn', turnedNodes, '1T1Q', saturate, 'live 0>6 h2'],
    ['2 nodes, numbered in turn', turnedNodes, '1T1Q', closed, 'socket 0,2,4,6>7 h1'],
    [
      'queue 1 can only be reached from the core of CPU 0',
      plainHost([0, 1, 2, 4], { siblings: [[0, 1], [2], [4]] }),
      '2T2Q',
      saturate,
      'live 2,1>4,0 h2',
    ],
  ])('%s %#: %s', (_, host, label, load, expected) => expect(brief(placed(request(host, label, load)))).toBe(expected));

  it('does not depend on the order of the list', () => {
    expect(place(request(plainHost([3, 0, 2, 1]), '2T2Q'))).toEqual(place(request(plainHost(range(4)), '2T2Q')));
  });

  it.each([
    [[3], 'this process may use only CPU 3'],
    [[], 'this process may use no CPU'],
  ])('skips on CPUs %j', (cpus, has) => {
    for (const load of [saturate, closed, none]) {
      expect(place(request(plainHost(cpus), '1T1Q', load))).toEqual({
        skip: `${has}, and a cell needs two: one for the invoker, one for the generator and the harness; isolated CPUs have to be named (--cpus)`,
      });
    }
  });
});

describe('place: a limit of CPU time', () => {
  const limited = (quota: number) => plainHost(range(4), { quota });
  const words = (quota: number, busy: number) =>
    `a quota of ${quota} CPUs leaves nothing beside ${busy} that never rest (raise it: docker --cpus, CPUQuota= of systemd, cpu.max)`;

  it.each<[string, PlacementRequest, string | null]>([
    ['as much as a generator at a rate takes', request(limited(1), '1T1Q'), words(1, 1)],
    ['more', request(limited(1.2), '1T1Q'), null],
    [
      'as much as generator and spinning invoker take',
      request(limited(2), '1T1Q', saturate, { idle: 'spin' }),
      words(2, 2),
    ],
    ['two generators', request(limited(1.5), '2T2Q'), words(1.5, 2)],
    ['clients that wait', request(limited(1), '1T1Q', closed), null],
    ['of the other host', request(plainHost(range(4)), '1T1Q', saturate, { clients: [limited(1)] }), words(1, 1)],
  ])('%s', (_, asked, skip) => expect(place(asked)).toMatchObject(skip === null ? { placement: {} } : { skip }));
});

describe('place: the CPUs that a user gives to the generator', () => {
  const four = plainHost(range(4));
  it.each<[string, HostCpus, string, Load, number[], string]>([
    ['one', four, '1T1Q', saturate, [2], 'live 2>3 h0'],
    ['the highest', four, '1T1Q', saturate, [3], 'live 3>2 h0'],
    ['two, of which one is enough', four, '2T1Q', saturate, [0, 1], 'live 0>3,2 h1'],
    ['one for two queues', four, '2T2Q', saturate, [1], 'afxdp 1>3,2 h0'],
    ['two clients', four, '1T1Q', closed, [2, 3], 'socket 2,3>1 h0'],
    ['on another node', twoNodes, '2T1Q', saturate, [5], 'live 5>7,6 h4'],
  ])('%s', (_, host, label, load, client, expected) => {
    expect(brief(placed(request(host, label, load, { roles: { ...anyCpus, client } })))).toBe(expected);
  });

  it('leave one to the invoker, or the cell is skipped', () => {
    expect(place(request(plainHost([0, 1]), '1T1Q', saturate, { roles: { ...anyCpus, client: [0, 1] } }))).toEqual({
      skip: '--cpus: the CPUs of client leave none to the server',
    });
  });
});

describe('place: xdp, which runs where the requests are sent', () => {
  const xdp = (host: HostCpus, label: string, load: Load) =>
    placed(request(host, label, load, { implementation: 'xdp' }));

  it.each<[string, HostCpus, string, Load, string]>([
    ['2 CPUs', plainHost([0, 1]), '1T1Q', saturate, 'live 0>0 h1'],
    ['2 CPUs', plainHost([0, 1]), '2T2Q', saturate, 'live 0,1>0,1 h0'],
    ['2 CPUs', plainHost([0, 1]), '4T4Q', saturate, 'afxdp 0>0,0,0,0 h1'],
    ['2 CPUs', plainHost([0, 1]), '2T2Q', closed, 'socket 0>0,0 h1'],
    ['2 CPUs', plainHost([0, 1]), '1T1Q', none, 'none >1 h0'],
    ['4 CPUs', plainHost(range(4)), '2T2Q', saturate, 'live 0,1>0,1 h2'],
    ['CPUs 3, 8, 10', plainHost([3, 8, 10]), '2T2Q', saturate, 'live 8,3>8,3 h10'],
  ])('%s %#: %s', (_, host, label, load, expected) => expect(brief(xdp(host, label, load))).toBe(expected));

  it.each<[string, Load, string[]]>([
    [
      '1T1Q',
      saturate,
      ["On veth XDP_TX runs on the generator's CPU: the figure holds generator, server and reply counter together."],
    ],
    [
      '1T1Q',
      { kind: 'closed', connections: 1 },
      ["On veth XDP_TX runs on the client's CPU: its round trips wake no other."],
    ],
    ['2T2Q', none, []],
  ])('%s %j says so, shares no CPU and does not spin', (label, load, warnings) => {
    const { placement, idle } = xdp(plainHost(range(4)), label, load);
    expect(placement.warnings).toEqual(warnings);
    expect(placement.sharing).toBe('exclusive');
    expect(idle).toBe('poll');
  });
});

describe('place: what a reader is told', () => {
  it.each<[string, HostCpus, string, Load, string, string[]]>([
    ['nothing shared', plainHost([0, 1]), '1T1Q', saturate, 'exclusive', []],
    [
      'each CPU with a generator and an invoker thread',
      plainHost([0, 1]),
      '2T2Q',
      saturate,
      'shared',
      [
        'Busy threads share CPUs: CPU 0 runs generator thread 0, invoker thread 1; CPU 1 runs generator thread 1, invoker thread 0.',
      ],
    ],
    [
      'invokers together',
      plainHost([0, 1]),
      '2T1Q',
      saturate,
      'shared',
      ['Busy threads share CPUs: CPU 1 runs invoker threads 0-1.'],
    ],
    [
      'AF_XDP as the engine',
      plainHost([0, 1]),
      '4T4Q',
      saturate,
      'shared',
      [
        'Busy threads share CPUs: CPU 1 runs invoker threads 0-3.',
        'One generator thread on CPU 0 feeds 4 queues through AF_XDP sockets, because live frames from CPUs 0-1 ' +
          'cannot reach them all: compare only with cells fed the same way.',
      ],
    ],
    [
      'connections that share their CPU by design',
      plainHost([0, 1]),
      '1T1Q',
      closed,
      'exclusive',
      ['4 connections take turns on CPU 0: their round trips include waiting for each other.'],
    ],
    [
      'connections that share two CPUs',
      plainHost(range(4)),
      '1T1Q',
      closed,
      'exclusive',
      ['4 connections take turns on CPUs 0-1: their round trips include waiting for each other.'],
    ],
    ['a CPU for each connection', plainHost(range(8)), '1T1Q', closed, 'exclusive', []],
    ['one node', twoNodes, '2T2Q', saturate, 'exclusive', []],
    [
      'two nodes',
      twoNodes,
      '4T1Q',
      saturate,
      'exclusive',
      [
        'Threads of several NUMA nodes exchange packets across the interconnect: generator thread 0 on CPU 0, ' +
          'invoker threads 0-2 on CPUs 1-3 (node 0); invoker thread 3 on CPU 7 (node 1).',
      ],
    ],
    [
      'unequal cores',
      plainHost([0, 1], {
        kinds: [
          { name: 'capacity 1024', cpus: [0] },
          { name: 'capacity 446', cpus: [1] },
        ],
      }),
      '1T1Q',
      saturate,
      'exclusive',
      [
        'Threads run on unequal cores: generator thread 0 on CPU 0 (capacity 1024); invoker thread 0 on CPU 1 (capacity 446).',
      ],
    ],
    ['a connection alone', plainHost([0, 1]), '1T1Q', { kind: 'closed', connections: 1 }, 'exclusive', []],
    ['a cell at rest', plainHost([0, 1]), '1T1Q', none, 'exclusive', []],
    [
      'cores shared where CPUs are not',
      splitHyperThreads,
      '4T4Q',
      saturate,
      'exclusive',
      ['Busy threads share physical cores: CPUs 2+8, 3+9.'],
    ],
  ])('%s', (_, host, label, load, sharing, warnings) => {
    const { placement } = placed(request(host, label, load));
    expect(placement.sharing).toBe(sharing);
    expect(placement.warnings).toEqual(warnings);
  });

  it.each(implementationIds)('%s waits as all do, and as it is asked to', (implementation) => {
    const idleOf = (idle: PlacementRequest['idle']) =>
      placed(request(plainHost([0, 1]), '1T1Q', saturate, { implementation, idle })).idle;
    expect([idleOf(null), idleOf('spin')]).toEqual(['poll', 'spin']);
  });
});

describe('place: on every host', () => {
  const hosts: [string, HostCpus][] = [
    ['2', plainHost([0, 1])],
    ['3', plainHost(range(3))],
    ['4', plainHost(range(4))],
    ['6', plainHost(range(6))],
    ['6x2 split', splitHyperThreads],
    ['6x2 paired', pairedHyperThreads],
    ['32x2', plainHost(range(64), { siblings: range(32).map((core) => [core, core + 32]) })],
    ['even only', plainHost(range(8).map((cpu) => 2 * cpu))],
    ['with gaps', plainHost([1, 2, 5, 7, 8, 11, 40, 41, 99])],
    [
      'half a set of hyper-threads',
      plainHost([2, 3, 5, 9], {
        siblings: [
          [2, 3],
          [4, 5],
          [8, 9],
        ],
      }),
    ],
  ];
  const labels = ['1T1Q', '2T1Q', '4T1Q', '2T2Q', '4T2Q', '3T3Q', '4T4Q', '8T4Q', '8T8Q', '64T64Q'];

  it.each(hosts)('%s', (_, host) => {
    for (const label of labels) {
      for (const load of [saturate, closed, none]) {
        const of = request(host, label, load, { implementation: 'afxdp' });
        const { engine, placement } = placed(of);
        const { clients, invokerCpus, housekeepingCpu, sharing, warnings } = placement;
        const generatorCpus = clients.flatMap((client) => client.generatorCpus);
        const busy = [...generatorCpus, ...invokerCpus];
        const at = `${label} ${load.kind} ${JSON.stringify(placement)}`;

        expect(invokerCpus, at).toHaveLength(of.threads);
        for (const cpu of [...busy, housekeepingCpu]) expect(host.cpus, at).toContain(cpu);

        // Live frames: generator thread q feeds queue q.
        const reachable = new Set(host.cpus.map((cpu) => cpu % of.queues)).size === of.queues;
        if (load.kind === 'saturate') expect(engine, at).toBe(reachable ? 'live' : 'afxdp');
        if (engine === 'live')
          expect(
            generatorCpus.map((cpu) => cpu % of.queues),
            at,
          ).toEqual(range(of.queues));
        else if (load.kind !== 'closed') expect(generatorCpus, at).toHaveLength(engine === 'none' ? 0 : 1);

        // No CPU is shared unless it is unavoidable and said.
        const shared = [...new Set(busy)].filter((cpu) => busy.filter((other) => other === cpu).length > 1);
        const needed = Math.max(generatorCpus.length, 1) + of.threads;
        expect(shared.length > 0, at).toBe(needed > host.cpus.length);
        expect(sharing, at).toBe(shared.length > 0 ? 'shared' : 'exclusive');
        const told = warnings.some((text) => text.startsWith('Busy threads share CPUs: '));
        expect(told, at).toBe(shared.length > 0);

        // The harness keeps off busy CPUs while one is left, and never joins an invoker that has a CPU of its own.
        if (new Set(busy).size < host.cpus.length) expect(busy, at).not.toContain(housekeepingCpu);
        else expect(generatorCpus, at).toContain(housekeepingCpu);
      }
    }
  });
});
