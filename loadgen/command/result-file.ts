import { constants } from 'node:fs';
import { access, type FileHandle, open, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BenchError, UsageError } from '../../common/cli/errors.js';
import { replaceFile } from '../../common/cli/replace-file.js';

/** The file of `-json`: it gets the whole of a result or keeps what it holds. */
export class ResultFile {
  /** `stream`: of a pipe or a device, which cannot be replaced. */
  private constructor(
    private readonly path: string,
    private readonly stream: FileHandle | null,
  ) {}

  /** So that no load is run whose result cannot be kept. Rejects with UsageError. */
  static async at(path: string): Promise<ResultFile> {
    try {
      // The file itself is replaced, not a link to it.
      const target = await realpath(path).catch(() => path);
      const found = await stat(target).catch(() => null);
      if (found?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
      if (found !== null && !found.isFile()) return new ResultFile(target, await openStream(target));
      if (found) await access(target, constants.W_OK);
      await access(dirname(target), constants.W_OK | constants.X_OK);
      return new ResultFile(target, null);
    } catch (error) {
      throw new UsageError(cannotWrite(path, error));
    }
  }

  /** Rejects with BenchError JSON. */
  async keep(text: string): Promise<void> {
    try {
      if (this.stream) await this.stream.writeFile(text);
      else await replace(this.path, text);
    } catch (error) {
      throw new BenchError('JSON', cannotWrite(this.path, error), { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.stream?.close();
  }
}

/** A pipe that nobody reads would keep its writer waiting; one that is closed in between would lose its reader. */
async function openStream(path: string): Promise<FileHandle> {
  const probe = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    return await open(path, constants.O_WRONLY);
  } finally {
    await probe.close();
  }
}

/** Where one file system or owner ends at a file, it can be written but not replaced. */
const irreplaceable = ['EBUSY', 'EXDEV', 'EPERM', 'EACCES'];

async function replace(path: string, text: string): Promise<void> {
  try {
    await replaceFile(path, text);
  } catch (error) {
    if (!irreplaceable.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await writeFile(path, text);
  }
}

const reasons: Record<string, string> = {
  ENXIO: 'nobody reads that pipe',
  ENOENT: 'its folder is missing',
};

const cannotWrite = (path: string, error: unknown) => {
  const { code = '' } = error as NodeJS.ErrnoException;
  return `-json: ${path} cannot be written (${reasons[code] === undefined ? '' : `${reasons[code]}, `}${code})`;
};
