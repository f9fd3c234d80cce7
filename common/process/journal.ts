import { mkdir, open, readdir, readFile, readlink, stat } from 'node:fs/promises';

/** What journals of changes to this host have in common: they outlive their process, and tell which boot and network they are of. */

/** Of all that ends with the boot. */
export async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** The network namespace of this process, as the inode that stands for it: `net:[4026531840]`. */
export async function ownNetwork(): Promise<string> {
  return await readlink('/proc/self/ns/net');
}

/** A path that stands for a network namespace; null where it is gone. */
export async function pathOfNetwork(network: string): Promise<string | null> {
  if (network === (await ownNetwork())) return `/proc/${process.pid}/ns/net`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map((pid) => `/proc/${pid}/ns/net`);
  const named = (await readdir('/run/netns').catch(() => [])).map((name) => `/run/netns/${name}`);
  for (const path of [...named, ...pids]) {
    const inode = await stat(path).then(
      ({ ino }) => `net:[${ino}]`,
      () => null,
    ); // It ended while we looked.
    if (inode === network) return path;
  }
  return null;
}

/** Node's recursive mkdir never returns where a file system answers that a level does not exist. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** The name of a new file is on the disk only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
