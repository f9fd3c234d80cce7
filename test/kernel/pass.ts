import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../common/process/paths.js';
import type { Site } from '../../common/wire/topology.js';

/**
 * Holds a program that lets everything through on a side's interface: what a plain client's end of a veth needs to take
 * in replies by XDP_TX. Resolves to what takes it away.
 */
export async function attachPass({
  enter,
  interface: name,
}: Pick<Site, 'enter' | 'interface'>): Promise<() => Promise<void>> {
  const addon = join(packageRoot(), 'dist/native/index.js');
  const code = `import { PassProgram } from ${JSON.stringify(addon)};
    globalThis.pass = new PassProgram(${JSON.stringify(name)});
    console.log('attached');
    process.stdin.resume();`;
  const [file = '', ...args] = [...enter, process.execPath, '--input-type=module', '-e', code];
  const holder = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  return async () => {
    holder.stdin.end();
    await once(holder, 'close');
  };
}
