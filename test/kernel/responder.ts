import { execa } from 'execa';
import { Child } from '../../common/process/child.js';
import { childScripts } from '../../common/process/paths.js';
import type { InvokerContext, InvokerMessage } from '../../common/process/protocol.js';
import type { Topology } from '../../common/wire/topology.js';
import type { InvokerCounters } from '../../model/record.js';
import type { Service } from '../../model/settings.js';
import { invokerContext } from './cell.js';
import { tcProgram, xdpProgram } from './wire.js';

/** Those whose function runs in a program. */
export type Responder = 'tc' | 'xdp';

/** Id of the program that one has attached to a side's interface, or null. */
export const programOf: Record<Responder, typeof xdpProgram> = { tc: tcProgram, xdp: xdpProgram };

/** A running invoker of these services. */
export interface Served {
  invoker: Child<InvokerMessage>;
  /** Id of its program. */
  program: number;
  stop(): Promise<InvokerCounters>;
}

/** Starts one on the server's side; nothing of it is left if it cannot be. */
export async function serve(
  wire: Topology,
  services: Service[],
  id: Responder = 'xdp',
  changes: Partial<InvokerContext> = {},
): Promise<Served> {
  const cpus = services.map(() => 1);
  const context = invokerContext(wire, id, 1, { services, cpus, receivePath: 'plain', ...changes });
  const words = [...wire.server.enter, process.execPath, childScripts.invoker, '--session'];
  const invoker = new Child<InvokerMessage>('invoker', words, context, () => {});
  try {
    await invoker.expect('ready');
  } catch (error) {
    await invoker.end(1000);
    throw error;
  }
  const program = await programOf[id](wire.server);
  if (program === null) throw new Error('no program is attached');
  return {
    invoker,
    program,
    async stop() {
      invoker.command({ type: 'stop' });
      const { totals } = await invoker.expect('stopped');
      await invoker.end(2000);
      return totals;
    },
  };
}

/** What the work on the last reply of the first service came to, on each CPU. */
export async function workDigests(program: number): Promise<number[]> {
  const of = async (...words: string[]) => JSON.parse((await execa('bpftool', ['-j', ...words])).stdout);
  const { map_ids: ids } = await of('prog', 'show', 'id', String(program));
  const maps: { id: number; name: string }[] = await Promise.all(
    ids.map((id: number) => of('map', 'show', 'id', String(id))),
  );
  const rows = maps.find(({ name }) => name === 'rows');
  const [{ formatted }] = await of('map', 'dump', 'id', String(rows?.id));
  const perCpu: { value: { digest: number } }[] = formatted.values;
  return perCpu.map(({ value }) => value.digest);
}
