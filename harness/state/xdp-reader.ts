import { Child } from '../../common/process/child.js';
import { childScripts } from '../../common/process/paths.js';
import type { XdpProgram } from '../../model/host.js';
import type { RunError } from '../../model/record.js';

type Answer = { type: 'xdp'; programs: XdpProgram[] } | { type: 'error'; error: RunError };

const graceMs = 2000;

/**
 * Which XDP programs the kernel has only the addon can ask: a process of its own does, which lives from the first question
 * to end(). One question at a time.
 */
export class XdpReader {
  #child: Child<Answer, object> | null = null;

  /** Rejects with BenchError. */
  async programs(): Promise<XdpProgram[]> {
    // Its first line is a question, too.
    if (this.#child === null)
      this.#child = new Child('reader of XDP programs', [process.execPath, childScripts.xdp], {}, () => {});
    else this.#child.command({});
    return (await this.#child.next('xdp')).programs;
  }

  /** Null before the first question. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  async end(): Promise<void> {
    await this.#child?.end(graceMs);
  }
}
