import { constants } from 'node:fs';
import { access, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BenchError, UsageError } from '../common/errors.js';

/** The file of `-json`: it gets the whole of a result or keeps what it holds. */
export class ResultFile {
  /** `streams`: a pipe or a device, which cannot be replaced. */
  private constructor(
    private readonly path: string,
    private readonly kind: 'file' | 'streams',
  ) {}

  /** So that no load is run whose result cannot be kept. Rejects with UsageError. */
  static async at(path: string): Promise<ResultFile> {
    try {
      // The file itself is replaced, not a link to it.
      const target = await realpath(path).catch(() => path);
      const found = await stat(target).catch(() => null);
      if (found?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
      const streams = found !== null && !found.isFile();
      // A pipe that nobody reads would keep its writer waiting.
      if (streams) await (await open(target, constants.O_WRONLY | constants.O_NONBLOCK)).close();
      else {
        if (found) await access(target, constants.W_OK);
        await access(dirname(target), constants.W_OK | constants.X_OK);
      }
      return new ResultFile(target, streams ? 'streams' : 'file');
    } catch (error) {
      throw new UsageError(cannotWrite(path, error));
    }
  }

  /** Rejects with BenchError JSON. */
  async keep(text: string): Promise<void> {
    const written = this.kind === 'file' ? `${this.path}.part` : this.path;
    try {
      await writeFile(written, text);
      if (this.kind === 'file') await rename(written, this.path);
    } catch (error) {
      if (this.kind === 'file') await rm(written, { force: true });
      throw new BenchError('JSON', cannotWrite(this.path, error), { cause: error });
    }
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
