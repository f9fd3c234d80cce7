import { rename, rm, writeFile } from 'node:fs/promises';

/** Writes beside the target and renames, so that a reader or a killed run never leaves half a file. */
export async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
