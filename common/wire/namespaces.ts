import { readdirSync } from 'node:fs';
import { ExecaError, execa } from 'execa';
import { BenchError } from '../cli/errors.js';
import { toolEnvironment } from '../process/tools.js';

const namespaceFolder = '/run/netns';

/** The network namespaces of this host that have names. */
export function namespaces(): string[] {
  try {
    return readdirSync(namespaceFolder);
  } catch {
    return []; // No namespace was ever made on this host.
  }
}

/** Words that run what follows them in a network namespace. */
export function enterNamespace(name: string): string[] {
  return ['nsenter', `--net=${namespaceFolder}/${name}`];
}

/** Runs commands of `ip` in a network namespace, until one fails. */
export async function batch(namespace: string, commands: readonly string[]): Promise<void> {
  await run('ip', ['-n', namespace, '-batch', '-'], `${commands.join('\n')}\n`);
}

export function ip(...words: string[]): Promise<string> {
  return run('ip', words);
}

/** Resolves to what it printed. */
export async function run(file: string, words: readonly string[], input = ''): Promise<string> {
  return (await execa(file, words, { env: toolEnvironment, input })).stdout;
}

/** Deletes a namespace; one that is gone already is fine, and one that stays is noticed by its being there. */
export async function deleteNamespace(name: string): Promise<void> {
  await ip('netns', 'delete', name).catch(() => {});
}

const operationNotPermitted = 1;

/** The error of a command as one of `what` cannot be done, in the command's own word; any other as it is. */
export function toolError(error: unknown, what: string): unknown {
  if (!(error instanceof ExecaError)) return error;
  const { code, command, stderr } = error;
  const call = command.split(' ')[0] ?? command;
  if (code === 'ENOENT') {
    const message = `cannot ${what}: no command ${call} (apt-get install iproute2 ethtool util-linux)`;
    return new BenchError('TOPOLOGY', message, { call, cause: error });
  }
  const [firstLine] = String(stderr).trim().split('\n');
  const refused = /not permitted|permission denied/i.test(String(stderr));
  const message = `cannot ${what}: ${firstLine || error.shortMessage}${refused ? ' (run it as root)' : ''}`;
  return new BenchError('TOPOLOGY', message, { call, ...(refused ? { errno: operationNotPermitted } : {}) });
}
