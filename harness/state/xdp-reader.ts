import { Child } from '../../common/process/child.js';
import { childScripts } from '../../common/process/paths.js';
import type { XdpState } from '../../model/host.js';
import type { RunError } from '../../model/record.js';

type Answer = ({ type: 'xdp' } & XdpState) | { type: 'error'; error: RunError };

interface Question {
  interfaces: string[];
}

const graceMs = 2000;

/**
 * What the kernel has of XDP only the addon can ask for: a process of its own does, which lives from the first question to
 * end(). One question at a time.
 */
export class XdpReader {
  #asked: { child: Child<Answer, Question>; lost: Promise<never> } | null = null;
  #hear: (answer: XdpState) => void = () => {};

  /** Rejects with BenchError. */
  async ask(interfaces: string[]): Promise<XdpState> {
    const answer = new Promise<XdpState>((resolve) => {
      this.#hear = resolve;
    });
    if (this.#asked === null) this.#asked = this.#start({ interfaces });
    else this.#asked.child.command({ interfaces });
    return await Promise.race([answer, this.#asked.lost]);
  }

  /** Null before the first question. */
  get pid(): number | null {
    return this.#asked?.child.pid ?? null;
  }

  async end(): Promise<void> {
    await this.#asked?.child.end(graceMs);
  }

  #start(first: Question) {
    const child = new Child<Answer, Question>(
      'reader of XDP programs',
      [process.execPath, childScripts.xdp],
      first,
      (message) => {
        if (message.type === 'xdp') this.#hear(message);
      },
    );
    const lost = child.failure();
    lost.catch(() => {}); // It ends at the end, too; whoever asks it hears of it.
    return { child, lost };
  }
}
