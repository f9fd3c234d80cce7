import { fileURLToPath } from 'node:url';
import type { ClientGenerator, LoadContext } from '../../common/process/protocol.js';
import type { LoadQuestion } from '../../common/process/questions.js';

const script = fileURLToPath(new URL('./led-generator.mjs', import.meta.url));

/** So many clients, `h1` and so on, of whose clocks nothing is the same; the last one ends at such a question. */
export function ledGenerators(clients: number, dies: LoadQuestion['ask'] | 'never' = 'never'): ClientGenerator[] {
  return Array.from({ length: clients }, (_, index) => {
    const context = { clockNs: 1e12 * (index + 1), dies: index === clients - 1 ? dies : 'never' };
    const host = `h${index + 1}`;
    return {
      ...{ host, name: `live generator on ${host}`, words: [process.execPath, script] },
      context: context as unknown as LoadContext,
    };
  });
}
