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

/**
 * A path that stands for a network namespace: a name of it, or any process in it; null: it is gone. Rejects with the error of
 * the system where that cannot be told.
 */
export async function pathOfNetwork(network: string): Promise<string | null> {
  if (network === (await ownNetwork())) return `/proc/${process.pid}/ns/net`;
  const names = await readdir('/run/netns').catch(unlessGone([]));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const path of [...names.map((name) => `/run/netns/${name}`), ...pids.map((pid) => `/proc/${pid}/ns/net`)]) {
    const found = await networkAt(path).catch((error: NodeJS.ErrnoException) => {
      // Even root may not look at processes of the host that a container runs on: no run of its own is there.
      if (error.code === 'EACCES') return null;
      throw error;
    });
    if (found === network) return path;
  }
  return null;
}

/** The network namespace that a path stands for, as ownNetwork(); null where it stands for none, or for none any more. */
export async function networkAt(path: string): Promise<string | null> {
  const file = await stat(path).catch(unlessGone(null));
  // Under a name of which the namespace was taken off lies a file.
  return file !== null && file.dev === (await stat('/proc/self/ns/net')).dev ? `net:[${file.ino}]` : null;
}

/** For an error of looking at a file: what stands for one that is not there, or whose process has ended. */
function unlessGone<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return value;
    throw error;
  };
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
