import { appendFileSync, cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { objections } from '../../harness/judge/verdict.js';
import type { CompletedRun, Prologue } from '../../model/record.js';
import { type FarHosts, farHosts } from '../fakes/far-hosts.js';
import { temporaryFolder } from '../fakes/folder.js';
import { runsIn } from './cards.js';
import { processes, type Running, start } from './process.js';
import { describeAsRoot, isOfHost, on, xdpProgram } from './wire.js';

const cell = ['--sizes', '200', '--duration', '300ms', '--warmup', '100ms', '--repeats', '1', '--seed', '1'];
const sum = (values: readonly (number | undefined)[]) =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0);

describeAsRoot('three clients and a server that are reached by ssh', () => {
  let hosts: FarHosts;
  beforeAll(async () => {
    hosts = await farHosts(3);
    const ends = [hosts.sites.server, ...hosts.clients.map(({ site }) => site)];
    // No ARP: nothing but what is measured is on the wire.
    for (const one of ends)
      for (const { address, mac } of ends.filter((end) => end !== one))
        await on(one, ...`ip neigh replace ${address} lladdr ${mac} dev ${one.interface} nud permanent`.split(' '));
  });
  afterAll(() => hosts?.destroy());

  const sides = () => hosts.clients.map(({ side }) => side);
  const bench = (out: string, words: string[], clients = sides(), settings = '') => {
    const ends = ['--server', hosts.sides.server, ...clients.flatMap((side) => ['--client', side])];
    return start(hosts.harness(settings), 'harness/main.js', ['--topology', 'remote', ...ends, '--out', out, ...words]);
  };

  /** Processes of a cell on the hosts, as they see them; others may run some of another tree. */
  const running = (script = '(impls|loadgen)') =>
    processes().filter(({ command }) =>
      new RegExp(`^\\S*node ${packageRoot()}/dist/${script}/main\\.js --session`).test(command),
    );

  /** Resolves when so many processes of a cell run such a script. */
  async function until(bencher: Running, script: string, count: number): Promise<void> {
    while (running(script).length < count) {
      expect(bencher.process.exitCode, bencher.errors()).toBeNull();
      await sleep(20);
    }
  }

  /** A client that hears nothing for 100 ms asks again before a cell, and takes one reply. */
  const askedAgain = ({ clients }: CompletedRun) => sum(clients.map(({ generator }) => (generator.probed ?? 1) - 1));

  const objectionsTo = (run: CompletedRun) => objections(run).filter((reason) => !isOfHost(reason));

  test.for<[string, string]>([
    ['recvmmsg', 'rate=3001'],
    ['recvmmsg', 'saturate'],
    ['recvmmsg', 'closed=4'],
    ['afxdp', 'rate=3001'],
    ['afxdp', 'saturate'],
    ['afxdp', 'closed=4'],
  ])('%s under %s: the wire has counted what they have sent', async ([id, load], { annotate }) => {
    const out = temporaryFolder();
    const bencher = bench(out, [...cell, '--impls', id, '--load', load]);
    // Until then it is measured what the generators can send.
    await until(bencher, 'impls', 1);
    const before = await hosts.wire();
    await bencher.ended();
    const after = await hosts.wire();
    const [run] = runsIn(out) as [CompletedRun];
    expect(run, bencher.errors()).toMatchObject({ state: 'completed' });
    expect(objectionsTo(run)).toEqual([]);

    const [received, dropped] = [after.received - before.received, after.dropped - before.dropped];
    const sent = run.clients.map(({ generator }) => generator.sent);
    await annotate(
      `sent ${sent.join(' + ')} = ${sum(sent)}; the server's interface received ${received}, dropped on the way ${dropped}`,
    );
    expect(received + dropped).toBe(run.ledger.sent);
    expect(sum(sent)).toBe(run.ledger.sent);
    expect(run.ledger.residual).toBe(askedAgain(run));
    const measured = run.windows.find(({ phase }) => phase === 'measure');
    for (const count of ['offered', 'sent', 'replied', 'checked', 'wrong'] as const)
      expect(sum(run.clients.map(({ window }) => window?.[count]))).toBe(measured?.[count]);
    const shares = { 'rate=3001': [1001, 1000, 1000], 'closed=4': [null, null, null] }[load];
    if (shares) expect(run.clients.map(({ window }) => window?.offeredPerSecond)).toEqual(shares);
    if (load === 'closed=4') expect(run.clients.map(({ generator }) => generator.wrong)).toEqual([0, 0, 0]);
    if (load !== 'saturate') expect(sum(run.histogram.map(([, count]) => count))).toBeGreaterThan(0);
    expect(run.clients.map(({ host }) => host)).toEqual(['ivb-client', 'ivb-client2', 'ivb-client3']);
    expect([...new Set(run.cpu.map(({ host }) => host))]).toEqual(['server', 'client 1', 'client 2', 'client 3']);
    const host = JSON.parse(readFileSync(join(out, 'latest/host.json'), 'utf8')) as Prologue;
    expect(host.clientHosts.map(({ kernel }) => kernel)).toEqual(new Array(3).fill(host.host.kernel));
    expect(readFileSync(join(out, 'latest/report.md'), 'utf8')).toMatch(/\*\*Client ivb-client3\.\*\*/);
    expect(await xdpProgram(hosts.sites.server)).toBeNull();
  });

  test('search a capacity together, and take round trips at shares of it', async () => {
    const out = temporaryFolder();
    await bench(out, [...cell, '--impls', 'recvmmsg', '--load', 'latency-under-load']).ended();
    const [run] = runsIn(out) as [CompletedRun];
    expect(run).toMatchObject({ state: 'completed' });
    expect(run.capacity?.trials).toBeGreaterThan(0);
    expect(run.windows.filter(({ phase }) => phase === 'search').length).toBe(run.capacity?.pieces);
    expect(run.levels.map(({ level }) => level)).toEqual(['10%', '50%', '90%', 'equal']);
    for (const { replied, histogram } of run.levels) expect(sum(histogram.map(([, count]) => count))).toBe(replied);
    expect(run.ledger.residual).toBe(askedAgain(run));
  });

  /** Starts two long cells; resolves when the load of the first one runs. */
  async function serving(out: string): Promise<Running> {
    const words = ['--sizes', '200', '--impls', 'recvmmsg', '--load', 'rate=3k', '--repeats', '2', '--duration', '5s'];
    const bencher = bench(out, words);
    await until(bencher, 'impls', 1);
    await until(bencher, 'loadgen', 3);
    await sleep(1500);
    return bencher;
  }

  /** The first cell has failed, with such a cause, and the next one is as it should be. */
  async function expectFirstLost(out: string, bencher: Running, message: RegExp): Promise<void> {
    expect((await bencher.ended()).code).toBe(1);
    const [first, second] = runsIn(out);
    expect(first).toMatchObject({ state: 'failed', error: { message: expect.stringMatching(message) } });
    expect(second, bencher.errors()).toMatchObject({ state: 'completed' });
    expect(objectionsTo(second as CompletedRun)).toEqual([]);
    expect((second as CompletedRun).ledger.residual).toBe(askedAgain(second as CompletedRun));
    expect(running()).toEqual([]);
  }

  test('a client whose connection is killed is named, and the run goes on', async () => {
    const out = temporaryFolder();
    const bencher = await serving(out);
    const master = processes().find(({ command }) => /^ssh .*ivb-client2 .*agent-main\.js/.test(command));
    process.kill(master?.pid ?? 0, 'SIGKILL');
    const message =
      /^load of 3 clients: the live generator on ivb-client2 ended: .*no connection to ivb-client2 any more/;
    await expectFirstLost(out, bencher, message);
  });

  test('a client whose generator is killed is named, and the run goes on', async () => {
    const out = temporaryFolder();
    const bencher = await serving(out);
    const [, second] = running('loadgen').map(({ pid }) => pid);
    process.kill(second ?? 0, 'SIGKILL');
    await expectFirstLost(out, bencher, /^load of 3 clients: the live generator on ivb-client\d? ended: code 137/);
  });

  test('a client whose cable of the data wire is pulled is named', async () => {
    const out = temporaryFolder();
    const bencher = await serving(out);
    await hosts.port('client3', 'down');
    await expect.poll(() => runsIn(out).length, { timeout: 30_000 }).toBe(1);
    bencher.process.kill('SIGINT');
    await bencher.ended();
    await hosts.port('client3', 'up');
    const [first] = runsIn(out);
    const message = 'ivb-client3: ens5 has no carrier (see that the cable is in, and the other end up)';
    expect(first).toMatchObject({ state: 'failed', error: { code: 'TOPOLOGY', message } });
  });

  test('with fewer connections than clients a cell is skipped, and a dry run names each host', async () => {
    const dry = bench(temporaryFolder(), [...cell, '--impls', 'recvmmsg', '--load', 'closed=2', '--dry-run']);
    expect((await dry.ended()).code).toBe(0);
    expect(dry.output()).toMatch(
      /^Server:\n.*\nClient ivb-client:\n.*\nClient ivb-client2:\n.*\nClient ivb-client3:$/m,
    );
    expect(dry.output()).toMatch(/- 1 cell: closed=2 leaves 1 of 3 clients without a connection/);
  });

  /** Of a run that writes nothing. */
  async function expectRefusal(clients: string[], code: number, message: RegExp, settings = ''): Promise<void> {
    const out = join(temporaryFolder(), 'results');
    const bencher = bench(out, [...cell, '--impls', 'recvmmsg', '--load', 'closed=4'], clients, settings);
    const ending = await bencher.ended();
    expect(bencher.errors().trim().split('\n')).toHaveLength(1);
    expect(bencher.errors()).toMatch(message);
    expect([ending.code, existsSync(out)]).toEqual([code, false]);
  }

  test('a client that is named twice is wrong usage, also by two names', async () => {
    const [first = '', second = ''] = sides();
    await expectRefusal([first, first], 2, /^invoker-bench: --client: ivb-client is named twice\n$/);
    const again = 'ivb-again,if=cable,ip=10.9.1.2';
    const message =
      /^invoker-bench: --client: ivb-again is the same host as --client ivb-client: name each host once\n$/;
    await expectRefusal([first, second, again], 2, message, 'Host ivb-again\n HostName 10.9.1.2');
  });

  test('an address that another end has is wrong usage', async () => {
    const [first = '', second = ''] = sides();
    const at = (address: string) => second.replace('10.0.0.30', address);
    await expectRefusal(
      [first, at('10.0.0.10')],
      2,
      /--client: ivb-client2 has the address of --server, 10\.0\.0\.10\n$/,
    );
    await expectRefusal(
      [first, at('10.0.0.20')],
      2,
      /--client: ivb-client and ivb-client2 have the same address, 10\.0\.0\.20\n$/,
    );
  });

  test('a client with a tree of another commit is told', async () => {
    const dir = temporaryFolder();
    for (const name of ['dist', 'native', 'bpf', 'runtimes', 'package.json'])
      cpSync(join(packageRoot(), name), join(dir, name), { recursive: true });
    for (const name of ['node_modules', 'build']) symlinkSync(join(packageRoot(), name), join(dir, name));
    appendFileSync(join(dir, 'dist/harness/far/agent.js'), '// Changed.\n');
    const [first = '', second = ''] = sides();
    const other = second.replace(`dir=${packageRoot()}`, `dir=${dir}`);
    await expectRefusal(
      [first, other],
      1,
      new RegExp(`^invoker-bench: ivb-client2 has other code in ${dir} than is here: `),
    );
  });

  test('a client with another MTU is named', async () => {
    const site = hosts.clients[2]?.site;
    if (!site) throw new Error('no third client');
    await on(site, 'ip', 'link', 'set', site.interface, 'mtu', '1400');
    try {
      await expectRefusal(sides(), 1, /the MTU is 1500 at the server and 1400 at ivb-client3 \(ip link/);
    } finally {
      await on(site, 'ip', 'link', 'set', site.interface, 'mtu', '1500');
    }
  });
});
