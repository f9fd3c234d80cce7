import { readdirSync } from 'node:fs';
import { execa } from 'execa';
import { afterEach, describe } from 'vitest';
import type { Site, Topology } from '../../common/wire/topology.js';
import { veth } from '../../common/wire/veth.js';

/** Kernel tests need root: on the machines of this project they are never skipped. */
export const describeAsRoot = (name: string, tests: () => void) =>
  process.getuid?.() === 0 ? describe(name, tests) : describe.skip(`${name} (skipped: needs root)`, tests);

/** Whether an objection is to what others do on this host: that is not ours to assert. */
export function isOfHost(reason: string): boolean {
  return /^the hypervisor took|^others used|^a CPU quota/.test(reason);
}

const open: Topology[] = [];
afterEach(async () => {
  for (const topology of open.splice(0)) await topology.destroy();
});

/** A wire with one client. */
export type Wire = Topology & { client: Site };

/** A virtual wire that is gone after the test. */
export async function buildWire(queues: number): Promise<Wire> {
  const topology = await veth.build(queues);
  open.push(topology);
  return { ...topology, client: topology.clients[0] };
}

/** Names of the namespaces that a process of this project made: others may measure on this host, too. */
export function namespacesOf(pid: number): string[] {
  return readdirSync('/run/netns').filter((name) => name.startsWith(`ivb-${pid}-`));
}

/** Runs a command on a side and returns what it printed. */
export async function on(site: Site, ...words: string[]): Promise<string> {
  const [file = '', ...args] = [...site.enter, ...words];
  return (await execa(file, args)).stdout;
}

/** Filters at the ingress of a side's interface, as tc prints them. */
export async function filtersOf(site: Site): Promise<{ pref: number; options?: { prog?: { id: number } } }[]> {
  return JSON.parse((await on(site, 'tc', '-json', 'filter', 'show', 'dev', site.interface, 'ingress')) || '[]');
}

/** Id of the tc program at the ingress of a side's interface, or null. */
export async function tcProgram(site: Site): Promise<number | null> {
  return (await filtersOf(site)).flatMap(({ options }) => options?.prog?.id ?? [])[0] ?? null;
}

/** Kinds of the qdiscs of a side's interface. */
export async function qdiscsOf(site: Site): Promise<string[]> {
  const qdiscs: { kind: string }[] = JSON.parse(await on(site, 'tc', '-json', 'qdisc', 'show', 'dev', site.interface));
  return qdiscs.map(({ kind }) => kind);
}

/** Id of the XDP program on a side's interface, or null. */
export async function xdpProgram(site: Site): Promise<number | null> {
  const [link] = JSON.parse(await on(site, 'ip', '-json', '-details', 'link', 'show', site.interface));
  return link.xdp?.prog?.id ?? null;
}
