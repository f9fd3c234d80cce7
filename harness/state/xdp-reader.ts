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
  #asked: { child: Child<Answer, object>; lost: Promise<never> } | null = null;
  #hear: (programs: XdpProgram[]) => void = () => {};

  /** Rejects with BenchError. */
  async programs(): Promise<XdpProgram[]> {
    const answer = new Promise<XdpProgram[]>((resolve) => {
      this.#hear = resolve;
    });
    if (this.#asked === null) this.#asked = this.#start();
    else this.#asked.child.command({});
    return await Promise.race([answer, this.#asked.lost]);
  }

  /** Null before the first question. */
  get pid(): number | null {
    return this.#asked?.child.pid ?? null;
  }

  async end(): Promise<void> {
    await this.#asked?.child.end(graceMs);
  }

  #start() {
    const words = [process.execPath, childScripts.xdp];
    const child = new Child<Answer, object>('reader of XDP programs', words, {}, (message) => {
      if (message.type === 'xdp') this.#hear(message.programs);
    });
    const lost = child.failure();
    lost.catch(() => {}); // It ends at the end, too; whoever asks it hears of it.
    return { child, lost };
  }
}
