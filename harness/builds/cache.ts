import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Environment } from '../../common/cli/complaint.js';
import { BenchError } from '../../common/cli/errors.js';
import { makeFolder } from '../../common/cli/make-folder.js';
import { describeHolder, Lock } from '../../common/process/lock.js';
import type { Build } from '../../model/pair.js';
import { makeBuild, told } from './make.js';
import { whyNoSession } from './session.js';

/** Builds that are kept: those used last. */
const kept = 8;

/** One process of the machine writes to the folder of builds at a time. */
const lockName = 'invoker-bench-builds';

const partial = '.partial';

/** Where builds are kept: within the user's folder for what can be made again. */
export function buildsFolder({ XDG_CACHE_HOME: cache }: Environment): string {
  return join(cache && isAbsolute(cache) ? cache : join(homedir(), '.cache'), 'invoker-bench/builds');
}

/** Built trees of commits of a repository, each in a folder of its name: whole, or not there. */
export class BuildCache {
  readonly #folder: string;
  readonly #repository: string;
  readonly #say: (line: string) => void;

  /** `repository`: a folder of its work tree. `say` hears what is waited for. */
  constructor(folder: string, repository: string, say: (line: string) => void) {
    this.#folder = folder;
    this.#repository = repository;
    this.#say = say;
  }

  /**
   * The folder of a commit's built tree, which is built if there is none. Rejects with BenchError BUILD where that fails,
   * SESSION where this harness cannot start its invoker, or with the reason of the interrupt; nothing is left then but
   * a log.
   */
  async provide(build: Build, interrupt: AbortSignal): Promise<string> {
    const root = join(this.#folder, build.commit);
    if (existsSync(root)) await refuseStranger(build, root);
    else await this.#make(build, root, interrupt);
    await markUsed(root);
    return root;
  }

  async #make(build: Build, root: string, interrupt: AbortSignal): Promise<void> {
    await makeFolder(this.#folder).catch((error: NodeJS.ErrnoException) => {
      throw new BenchError('BUILDS', `the folder of builds, ${this.#folder}, cannot be made (${error.code})`);
    });
    const self = { pid: process.pid, since: new Date().toISOString(), command: `build of ${told(build)}` };
    const lock = await Lock.wait(lockName, self, interrupt, (holder) =>
      this.#say(`Waiting for another build: ${describeHolder(holder)}.`),
    );
    try {
      // Another process may have made it meanwhile.
      if (existsSync(root)) return await refuseStranger(build, root);
      const folder = join(this.#folder, partial);
      try {
        // Of a process that was killed.
        await remove(folder);
        await mkdir(folder);
        this.#say(`Building ${told(build)}, ${build.subject}.`);
        const log = `${root}.log`;
        await makeBuild({ build, repository: this.#repository, folder, log }, interrupt);
        await refuseStranger(build, folder);
        await rename(folder, root);
        await markUsed(root);
        await rm(log, { force: true });
      } finally {
        await remove(folder);
      }
      await this.#dropOld();
    } finally {
      lock.release();
    }
  }

  async #dropOld(): Promise<void> {
    const now = new Date();
    for (const shape of [/^[0-9a-f]{40}$/, /^[0-9a-f]{40}\.log$/]) {
      const names = (await readdir(this.#folder)).filter((name) => shape.test(name));
      const used = await Promise.all(
        names.map(async (name) => {
          const path = join(this.#folder, name);
          const { mtime, mtimeMs } = await stat(path);
          // Of a clock that has gone back since: it is not known when it was used.
          return { path, ms: mtime > now ? 0 : mtimeMs };
        }),
      );
      for (const { path } of used.toSorted((a, b) => b.ms - a.ms).slice(kept)) await remove(path);
    }
  }
}

async function markUsed(root: string): Promise<void> {
  const now = new Date();
  await utimes(root, now, now);
}

async function refuseStranger(build: Build, root: string): Promise<void> {
  const reason = await whyNoSession(root);
  if (reason !== null) throw new BenchError('SESSION', `${told(build)} ${reason}`);
}

/** What is being written to as it goes is tried again. */
const remove = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 3 });
