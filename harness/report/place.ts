import { dirname, resolve } from 'node:path';
import { BenchError } from '../../common/cli/errors.js';
import { makeFolder } from '../../common/cli/make-folder.js';
import { replaceFile } from '../../common/cli/replace-file.js';

/** Writes a file whole or not at all, its folder made where missing, and returns its path; BenchError where it cannot. */
export async function place(path: string, content: string | Buffer): Promise<string> {
  try {
    await makeFolder(dirname(resolve(path)));
    await replaceFile(path, content);
    return path;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BenchError('OUT', `${path} cannot be written (${code ?? message})`, { cause: error });
  }
}
