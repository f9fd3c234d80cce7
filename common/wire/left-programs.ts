import { programHolders, sight } from '../process/program-holders.js';
import { showLinks } from './link.js';
import { run, toolError } from './namespaces.js';

/** The function that bpf/ has for DPDK, as the kernel shows it: its driver attaches it to the interface, not to the process. */
const program = 'deliver';

/**
 * Takes the XDP program of DPDK off the interfaces of this network namespace where its process is gone; resolves to a sentence for
 * each. Does nothing where processes are hidden from us. Rejects with BenchError TOPOLOGY.
 */
export async function removeLeftPrograms(): Promise<string[]> {
  if (sight() !== 'every process') return [];
  const links = (await showLinks([], 'link', 'show')).filter(({ xdp }) => xdp?.prog?.name === program);
  if (links.length === 0) return [];
  const holders = programHolders();
  const left = links.filter(({ xdp }) => !holders.has(xdp?.prog?.id ?? 0)).map(({ ifname }) => ifname);
  for (const name of left) {
    await run('ip', ['link', 'set', 'dev', name, 'xdp', 'off']).catch((error) => {
      throw toolError(error, `take the XDP program off ${name}`);
    });
  }
  return left.map((name) => `Removed the XDP program that DPDK left on ${name}`);
}
