import { Child } from '../../common/process/child.js';
import { childScripts } from '../../common/process/paths.js';
import type { InvokerMessage } from '../../common/process/protocol.js';
import type { Topology } from '../../common/wire/topology.js';
import type { InvokerCounters } from '../../model/record.js';
import type { Service } from '../../model/settings.js';
import { invokerContext } from './cell.js';
import { xdpProgram } from './wire.js';

/** A running xdp invoker of these services. */
export interface ServedXdp {
  invoker: Child<InvokerMessage>;
  /** Id of its program. */
  program: number;
  stop(): Promise<InvokerCounters>;
}

/** Starts xdp on the server's side; nothing of it is left if it cannot be. */
export async function serve(wire: Topology, services: Service[]): Promise<ServedXdp> {
  const context = invokerContext(wire, 'xdp', 1, { services, cpus: services.map(() => 1) });
  const words = [...wire.server.enter, process.execPath, childScripts.invoker, '--session'];
  const invoker = new Child<InvokerMessage>('invoker', words, context, () => {});
  try {
    await invoker.expect('ready');
  } catch (error) {
    await invoker.end(1000);
    throw error;
  }
  const program = await xdpProgram(wire.server);
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
