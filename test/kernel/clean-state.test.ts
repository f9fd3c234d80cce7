import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import type { Child } from '../../common/process/child.js';
import { childScripts, packageRoot } from '../../common/process/paths.js';
import type { LoadMessage } from '../../common/process/protocol.js';
import { startSession } from '../../common/wire/ceiling.js';
import { ownName } from '../../common/wire/owner.js';
import type { Site } from '../../common/wire/topology.js';
import { main } from '../../harness/bench-command.js';
import { loadContext } from '../../harness/measure/run.js';
import { difference } from '../../harness/state/host-state.js';
import { StateReader } from '../../harness/state/state-reader.js';
import { temporaryFolder } from '../fakes/folder.js';
import { fakeRunCell } from '../fakes/runs.js';
import { attachPass } from './pass.js';
import { describeAsRoot, xdpProgram } from './wire.js';

const repeats = 3;

/** Measures a cell three times; `plant` is done when the first is over. Resolves to exit code, complaints and runs. */
async function bench(plant: () => unknown) {
  const out = temporaryFolder();
  const stream = () => new PassThrough().setEncoding('utf8');
  const [stdout, stderr] = [stream().resume(), stream()];
  let complaints = '';
  let planted: unknown = null;
  stderr.on('data', (text: string) => {
    complaints += text;
    if (text.startsWith('[')) planted ??= plant();
  });
  const interrupt = new AbortController().signal;
  const code = await main(
    [
      ...['--impls', 'afxdp', '--sizes', '200', '--load', 'rate=1k', '--repeats', `${repeats}`, '--out', out],
      ...['--duration', '200ms', '--warmup', '0', '--seed', '1'],
    ],
    { stdout, stderr, interrupt, environment: {}, privileges: 'root' },
  );
  await planted;
  const runs = readFileSync(join(out, 'latest/runs.ndjson'), 'utf8').trim().split('\n').length;
  return { code, complaints, runs };
}

/** An interface of this host that is gone after the test: one that the bench has not made, whose name says nothing of us. */
async function card(): Promise<Site> {
  const name = 'ivbtest-card';
  await execa('ip', ['link', 'add', name, 'numrxqueues', '2', 'type', 'veth', 'peer', 'name', `${name}2`]);
  onTestFinished(async () => void (await execa('ip', ['link', 'delete', name], { reject: false })));
  const here = { enter: [], node: process.execPath, root: packageRoot() };
  return { interface: name, address: '10.0.0.1', mac: '02:00:00:00:00:01', driver: 'veth', ...here };
}

/** The line that stopped the run. */
const lineOf = (complaints: string) =>
  complaints.split('\n').find((line) => / left behind: | it or others changed: /.test(line));
const left = (what: string) =>
  new RegExp(`^invoker-bench: run [12] of ${repeats} \\(afxdp-1T1Q-200-reverse-rate=1000\\) left behind: ${what}$`);
const quoted = (text: string) => text.replace(/[.()]/g, '\\$&');

describeAsRoot('a run stops at', () => {
  test('a sysctl that was changed meanwhile', async () => {
    const path = '/proc/sys/net/core/message_cost';
    const before = readFileSync(path, 'utf8').trim();
    onTestFinished(() => writeFileSync(path, before));
    const { code, complaints, runs } = await bench(() => writeFileSync(path, '77'));
    const what = `sysctl net.core.message_cost ${before} -> 77 (sysctl -w net.core.message_cost=${before})`;
    const cell = '\\(afxdp-1T1Q-200-reverse-rate=1000\\)';
    expect(lineOf(complaints)).toMatch(
      new RegExp(`^invoker-bench: while run [12] of ${repeats} ${cell} ran, it or others changed: ${quoted(what)}$`),
    );
    expect(code).toBe(1);
    expect(runs).toBeLessThan(repeats);
  });

  test('a network namespace of its own', async () => {
    const name = ownName('left');
    onTestFinished(async () => void (await execa('ip', ['netns', 'delete', name], { reject: false })));
    const { code, complaints, runs } = await bench(() => execa('ip', ['netns', 'add', name]));
    expect(lineOf(complaints)).toMatch(left(quoted(`network namespace ${name} (ip netns delete ${name})`)));
    expect(code).toBe(1);
    expect(runs).toBeLessThan(repeats);
  });

  test('an XDP program that a process of its own has left attached', async () => {
    const site = await card();
    const wire = { server: site, clients: [site] as [Site], facts: {}, check: async () => {}, destroy: async () => {} };
    const context = loadContext(fakeRunCell('afxdp', { kind: 'none' }), wire, 'swapped');
    const holders: Child<LoadMessage>[] = [];
    onTestFinished(() => {
      for (const holder of holders) holder.kill();
    });
    const { code, complaints, runs } = await bench(async () => {
      const holder = startSession(site, childScripts.generator, { ...context, load: { kind: 'pass' } });
      holders.push(holder);
      await holder.expect('ready');
      holder.command({ type: 'start' });
      await holder.expect('phase');
    });
    const pid = holders[0]?.pid;
    const process = `process ${pid}, .* \\(kill ${pid}\\)`;
    const program = quoted(`XDP program pass (id ${await xdpProgram(site)}), held by process ${pid}`);
    expect(lineOf(complaints)).toMatch(left(`${process}; ${program}`));
    expect(code).toBe(1);
    expect(runs).toBeLessThan(repeats);
  });
});

describeAsRoot('a run is not stopped by', () => {
  test('programs, namespaces and interfaces of others', async () => {
    const site = await card();
    // A benchmark in a container, whose processes are numbered for themselves.
    const space = ownName('srv').replace(/-\d+-srv$/, '-1-srv');
    const link = 'ivbtest-link';
    let detach = async () => {};
    onTestFinished(async () => {
      await detach();
      await execa('ip', ['netns', 'delete', space], { reject: false });
      await execa('ip', ['link', 'delete', link], { reject: false });
    });
    const { complaints, runs } = await bench(async () => {
      detach = await attachPass(site);
      await execa('ip', ['netns', 'add', space]);
      await execa('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', `${link}2`]);
    });
    expect(lineOf(complaints)).toBeUndefined();
    expect(runs).toBe(repeats);
  });
});

describeAsRoot('a reading', () => {
  test('holds what tuning sets, and is the same again', async () => {
    const reader = new StateReader([]);
    onTestFinished(() => reader.end());
    const [first, second] = [await reader.read(), await reader.read()];
    expect(first.settings).toMatchObject({
      'sysctl net.core.busy_poll': expect.stringMatching(/^\d+$/),
      'sysctl net.core.bpf_jit_harden': expect.stringMatching(/^\d$/),
    });
    expect(difference(first, second)).toEqual({ left: [], changed: [] });
  });

  test('of an interface has how it is steered, and its XDP program', async () => {
    const site = await card();
    const name = site.interface;
    const reader = new StateReader([site]);
    onTestFinished(() => reader.end());
    const before = await reader.read();
    await execa('ip', ['link', 'set', name, 'mtu', '1400', 'up']);
    writeFileSync(`/sys/class/net/${name}/queues/rx-0/rps_cpus`, '1');
    const detach = await attachPass(site);
    onTestFinished(detach);
    expect(difference(before, await reader.read()).changed).toEqual([
      `state of ${name} down -> up`,
      `MTU of ${name} 1500 -> 1400`,
      `XDP of ${name} none -> native`,
      `rps (/sys/class/net/${name}/queues/rx-0/rps_cpus) of ${name} off -> 0`,
    ]);
  });
});
