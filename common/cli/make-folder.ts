import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Level by level: Node's recursive mkdir never returns where a file system answers that a level does not exist. */
export async function makeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory()) return;
  await makeFolder(dirname(folder));
  // Another run may have made it meanwhile.
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
