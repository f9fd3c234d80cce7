import { UsageError } from '../../common/cli/errors.js';
import { exitCodes } from '../../common/cli/exit-codes.js';
import { write } from '../../common/cli/streams.js';
import { checkHost } from './host.js';
import { parseInvokerOptions } from './options.js';
import { StandAloneService } from './service.js';
import type { InvokerSurroundings } from './surroundings.js';
import { usage } from './usage.js';

/** The stand-alone invoker: `argv` without node and script. Resolves to the exit code; prints errors as one line. */
export async function main(argv: readonly string[], surroundings: InvokerSurroundings): Promise<number> {
  const { stdout, stderr, host } = surroundings;
  // What became of a write is heard where it is made; of a complaint nobody else can be told.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  const complain = (message: string) => {
    stderr.write(`invoker: ${message.replace(/\s+/g, ' ').trim()}\n`);
  };
  try {
    const request = parseInvokerOptions(argv, (name) => host.queueCounts(name));
    if (request.kind === 'help') {
      await write(stdout, usage);
      return exitCodes.ok;
    }
    checkHost(request.id, request.options, host);
    return await new StandAloneService(request, surroundings, complain).serve();
  } catch (error) {
    complain((error as Error).message);
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}
