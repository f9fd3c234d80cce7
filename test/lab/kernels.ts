import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const labFolder = dirname(fileURLToPath(import.meta.url));

/** The kernels that guests run: LAB_KERNELS=6.1,7. Which there are, kernel.sh knows. */
export const kernels = (process.env.LAB_KERNELS ?? '6.1').split(',');

/** LAB_SCOPE=full: all cases, as `make lab` runs them; else the few that every test run has. */
export const isFull = process.env.LAB_SCOPE === 'full';

/** Whether virtio-net of that kernel has zero-copy AF_XDP: in both directions from Linux 6.13 on. */
export const hasZeroCopy = (kernel: string) => {
  const [major = 0, minor = Number.POSITIVE_INFINITY] = kernel.split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 13);
};

function script(name: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(labFolder, name), args, { encoding: 'utf8' });
  return { ok: status === 0, line: (status === 0 ? stdout : stderr).trim() };
}

/** The folder of an unpacked kernel, which is fetched once. Error, in one line, where it cannot be had. */
export function unpackedKernel(kernel: string): string {
  const { ok, line } = script('kernel.sh', kernel);
  if (!ok) throw new Error(line);
  return line;
}

/** Why this host cannot run a guest of that kernel, or null. */
export function lackFor(kernel: string): string | null {
  const lacks = [script('requirements.sh'), script('kernel.sh', kernel)].find(({ ok }) => !ok);
  return lacks?.line ?? null;
}
