import { describe, expect, it } from 'vitest';
import { renderDryRun } from '../../../harness/plan/dry-run.js';
import { type HostCpus, readHostCpus } from '../../../harness/plan/host-cpus.js';
import { type Ends, onVeth } from '../../../harness/plan/placement.js';
import { planCells } from '../../../harness/plan/plan.js';
import { readScenario, type ScenarioFlags } from '../../../harness/question/scenario.js';
import { cannot, variantOf } from '../../../impls/abilities.js';
import { fakeSysfs, hosts, plainHost, realHost } from '../../fakes/hosts.js';

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

const scenarioOf = (flags: ScenarioFlags, file = '{}') =>
  readScenario({ seed: '1', ...flags }, { readFile: () => file, randomSeed: () => 0 });

const render = (flags: ScenarioFlags, host: HostCpus, file?: string) => {
  const scenario = scenarioOf(flags, file);
  return renderDryRun(
    scenario,
    planCells(scenario, onVeth(host), { portOf: () => 1232, cannot, variantOf }),
    onVeth(host),
    [],
  );
};

describe('renderDryRun', () => {
  it('prints cells, placement, notes, skipped cells and the time', () => {
    const flags = { impls: 'recvfrom,afxdp', matrix: '2T2Q,4T4Q', sizes: '200,1400', load: 'saturate' };
    expect(render(flags, plainHost([0, 1]))).toMatchInlineSnapshot(`
      "Scenario default: function reverse, topology veth, warm-up 500ms, measure 1s, 6 repeats, seed 1.
      CPUs 0-1, 2 cores.

      Cells, and the CPUs of generator threads, invoker threads and harness:
      cells                bytes     engine  generator  invoker  harness  notes
      afxdp 2T2Q saturate  200,1400  live    0,1        1,0      0        1
      afxdp 4T4Q saturate  200,1400  afxdp   0          1,1,1,1  0        2-3

      Notes:
      1. Busy threads share CPUs: CPU 0 runs generator thread 0, invoker thread 1; CPU 1 runs generator
         thread 1, invoker thread 0.
      2. Busy threads share CPUs: CPU 1 runs invoker threads 0-3.
      3. One generator thread on CPU 0 feeds 4 queues through AF_XDP sockets, because live frames from
         CPUs 0-1 cannot reach them all: compare only with cells fed the same way.

      Skipped:
      - 2 cells: recvfrom has one thread a function, not 2
        recvfrom 2T2Q, load saturate: 200, 1400 bytes
      - 2 cells: recvfrom has one thread a function, not 4
        recvfrom 4T4Q, load saturate: 200, 1400 bytes

      24 runs of 4 cells, expected time 1 min 37 s. Nothing was touched.
      "
    `);
  });

  it('prints the nodes and cores of a large host', () => {
    const flags = { impls: 'recvmmsg', matrix: '1T1Q,8T8Q', load: 'saturate,closed=4' };
    expect(render(flags, realHost('twoSockets'))).toMatchInlineSnapshot(`
      "Scenario default: function reverse, topology veth, warm-up 500ms, measure 1s, 6 repeats, seed 1.
      CPUs 0-47, 24 cores (0+24 is one).
      NUMA: node 0 has 0-11,24-35; node 1 has 12-23,36-47.

      Cells, and the CPUs of generator threads, invoker threads and harness:
      cells                   bytes      engine  generator  invoker     harness  notes
      recvmmsg 1T1Q saturate  200..1400  live    0          35          1
      recvmmsg 8T8Q saturate  200..1400  live    8 on 0-7   8 on 28-35  24       1
      recvmmsg 1T1Q closed=4  200..1400  socket  0,1,2,3    35          4
      recvmmsg 8T8Q closed=4  200..1400  socket  0,1,2,3    8 on 28-35  24

      Notes:
      1. Busy threads share physical cores: CPUs 4+28, 5+29, 6+30, 7+31.

      168 runs of 28 cells, expected time 8 min 36 s. Nothing was touched.
      "
    `);
  });

  it('names the kinds of cores and who runs on which', () => {
    const flags = { impls: 'recvmmsg', matrix: '1T1Q,4T4Q', sizes: '200,800', load: 'saturate' };
    expect(render(flags, realHost('hybridLaptop'))).toMatchInlineSnapshot(`
      "Scenario default: function reverse, topology veth, warm-up 500ms, measure 1s, 6 repeats, seed 1.
      CPUs 0-15, 12 cores (0+1 is one).
      Unequal cores: 0-7 (performance cores); 8-15 (efficiency cores).

      Cells, and the CPUs of generator threads, invoker threads and harness:
      cells                   bytes    engine  generator  invoker      harness  notes
      recvmmsg 1T1Q saturate  200,800  live    0          7            8
      recvmmsg 4T4Q saturate  200,800  live    0,5,2,7    15,14,13,12  8        1

      Notes:
      1. Threads run on unequal cores: generator threads 0-3 on CPUs 0,2,5,7 (performance cores); invoker
         threads 0-3 on CPUs 12-15 (efficiency cores).

      24 runs of 4 cells, expected time 1 min 37 s. Nothing was touched.
      "
    `);
  });

  it('prints what the user chose, and which CPUs are isolated', () => {
    const flags = { impls: 'afxdp', matrix: '1T1Q,2T2Q', sizes: '200', load: 'saturate', axis: ['batch=8,64'] };
    const asked = { ...flags, cpus: '0-5,server=2-3', placement: 'mine.yaml' };
    const file = '- { matrix: 2T2Q, implementations: afxdp, invoker: [3, 5], generator: [0, 1], harness: 4 }';
    const scenario = scenarioOf(asked, file);
    expect(render(asked, readHostCpus(fakeSysfs(hosts.thesis, '4-7'), scenario), file)).toMatchInlineSnapshot(`
      "Scenario default: function reverse, topology veth, warm-up 500ms, measure 1s, 6 repeats, seed 1.
      CPUs 0-5, 3 cores (0+1 is one).
      Isolated: 4-5.
      Isolated and left alone: 6-7 (--cpus names CPUs to use).
      CPUs given: 2-3 for server.
      Placements given: 2T2Q of afxdp.

      Cells, and the CPUs of generator threads, invoker threads and harness:
      cells                bytes  engine  generator  invoker  harness  notes
      afxdp 1T1Q saturate  200    live    4          3        0        1
        batch=8; batch=64
      afxdp 2T2Q saturate  200    live    0,1        3,5      4        2-3
        batch=8; batch=64

      Notes:
      1. Only some threads run on isolated CPUs: generator thread 0 on CPU 4 (isolated); invoker thread 0
         on CPU 3 (not isolated).
      2. Busy threads share physical cores: CPUs 0+1.
      3. Only some threads run on isolated CPUs: invoker thread 1 on CPU 5 (isolated); generator threads
         0-1 on CPUs 0-1, invoker thread 0 on CPU 3 (not isolated).

      24 runs of 4 cells, expected time 1 min 34 s. Nothing was touched.
      "
    `);
  });

  it('has a line for each number of channels, and of two hosts the CPU of either harness', () => {
    const scenario = scenarioOf({
      ...{ impls: 'recvmmsg', sizes: '200', load: 'saturate', axis: ['channels=2,1'], topology: 'remote' },
      ...{ server: 'h1,if=eth1,ip=10.0.0.1', client: ['h2,if=eth1,ip=10.0.0.2'] },
    });
    const nic = { node: null, interrupts: 'placed' } as const;
    const ends: Ends = { server: plainHost([0, 1, 2, 3]), clients: [plainHost([0, 1, 2])], nic };
    const cells = planCells(scenario, ends, { portOf: () => 1232, cannot, variantOf });
    const lines = renderDryRun(scenario, cells, ends, []).split('\n');
    const first = lines.findIndex((line) => line.startsWith('Cells,'));
    expect(lines.slice(first, first + 6).join('\n')).toMatchInlineSnapshot(`
      "Cells, and the CPUs of generator threads, interrupts, invoker threads and harness (server/client):
      cells                   bytes  engine  generator  irq  invoker  harness  notes
      recvmmsg 1T1Q saturate  200    live    0,1        0,1  3        2/2
        channels=2
      recvmmsg 1T1Q saturate  200    live    0          0    3        1/1
        channels=1"
    `);
  });

  it('has the CPUs of each client, once where they are the same', () => {
    const scenario = scenarioOf({
      ...{ impls: 'recvmmsg', sizes: '200', load: 'saturate,closed=2', topology: 'remote' },
      ...{ server: 'h1,if=eth1,ip=10.0.0.1', client: ['h2,if=eth1,ip=10.0.0.2', 'h3,if=eth1,ip=10.0.0.3'] },
    });
    const nic = { node: null, interrupts: 'placed' } as const;
    const textOf = (...cpus: [number[], ...number[][]]) => {
      const clients = cpus.map((own) => plainHost(own)) as Ends['clients'];
      const ends: Ends = { server: plainHost([0, 1, 2, 3]), clients, nic };
      const cells = planCells(scenario, ends, { portOf: () => 1232, cannot, variantOf });
      return renderDryRun(scenario, cells, ends, []).split('\n').slice(1, -3).join('\n');
    };
    expect(textOf([0, 1, 2], [0, 1, 2])).toMatchInlineSnapshot(`
      "Server:
      CPUs 0-3, 4 cores.
      Client h2:
      CPUs 0-2, 3 cores.
      Client h3:
      CPUs 0-2, 3 cores.

      Cells, and the CPUs of generator threads, interrupts, invoker threads and harness (server/client):
      cells                   bytes  engine  generator  irq  invoker  harness  notes
      recvmmsg 1T1Q saturate  200    live    0          0    3        1/1
      recvmmsg 1T1Q closed=2  200    socket  0          0    3        1/1"
    `);
    expect(textOf([0, 1, 2], [4, 5])).toMatchInlineSnapshot(`
      "Server:
      CPUs 0-3, 4 cores.
      Client h2:
      CPUs 0-2, 3 cores.
      Client h3:
      CPUs 4-5, 2 cores.

      Cells, and the CPUs of generator threads, interrupts, invoker threads and harness (server/client):
      cells                   bytes  engine  generator  irq  invoker  harness  notes
      recvmmsg 1T1Q saturate  200    live    0/4        0    3        1/1/5
      recvmmsg 1T1Q closed=2  200    socket  0/4        0    3        1/1/5"
    `);
  });

  it('prints a plan of skipped cells only', () => {
    expect(render({ impls: 'afxdp', sizes: '200', load: 'none' }, plainHost([0]))).toMatchInlineSnapshot(`
      "Scenario default: function reverse, topology veth, warm-up 500ms, measure 1s, 6 repeats, seed 1.
      CPU 0, 1 core.

      Skipped:
      - 1 cell: this process may use only CPU 0, and a cell needs two: one for the invoker, one for the
        generator and the harness; isolated CPUs have to be named (--cpus)
        afxdp 1T1Q, load none: 200 bytes

      0 runs of 0 cells, expected time 0 s. Nothing was touched.
      "
    `);
  });

  it.each<[ScenarioFlags, HostCpus]>([
    [{ matrix: '1T1Q,2T2Q,4T4Q' }, plainHost([0, 1])],
    [{ matrix: '64T64Q,64T32Q,8T8Q', load: 'saturate,closed=1024,none' }, plainHost([0, 1])],
    [{ matrix: '64T64Q,64T32Q,8T8Q', load: 'saturate,closed=1024,none' }, realHost('eightNodes')],
    [{ matrix: '64T64Q', load: 'latency-under-load', axis: ['batch=8,64', 'idle=spin,poll'] }, realHost('cpus256')],
    [{ matrix: '64T64Q', load: 'latency-under-load', sizes: '60..1500:24' }, plainHost(range(200))],
  ])('fits 100 columns: %j', (flags, host) => {
    const lines = render(flags, host).split('\n');
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });
});
