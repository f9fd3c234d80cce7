import { toRunError } from '../cli/errors.js';
import { childScripts, packageRoot } from '../process/paths.js';
import { startSession } from './ceiling.js';
import type { Site } from './topology.js';

const graceMs = 2000;

/**
 * Attaches a program that lets everything through to the driver of an interface of this network namespace, and takes it off
 * again. Resolves to what keeps it from being attached, in a sentence; null: nothing does.
 */
export async function tryAttach(name: string): Promise<string | null> {
  const here = { enter: [], node: process.execPath, root: packageRoot() };
  const site: Site = { interface: name, address: '', mac: '', driver: '', ...here };
  const holder = startSession(site, childScripts.generator, {
    ...{ load: { kind: 'pass' }, engine: 'none', client: site, server: site, port: 0, functionId: 'echo' },
    ...{ packetBytes: 0, replyAddresses: 'swapped', queues: 1, cpus: [], sharing: 'exclusive', leader: 'itself' },
    ...{ warmupNs: 0, durationNs: 0, sampleIntervalNs: 0 },
  });
  try {
    await holder.expect('ready');
    holder.command({ type: 'start' });
    await holder.expect('phase');
    holder.command({ type: 'stop' });
    await holder.expect('done');
    return null;
  } catch (error) {
    return toRunError(error).message;
  } finally {
    await holder.end(graceMs);
  }
}
