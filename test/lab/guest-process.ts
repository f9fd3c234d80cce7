import { EventEmitter, once } from 'node:events';
import { patience } from '../fakes/patience.js';

/** What the agent in the guest tells of a process. */
export interface ProcessNews {
  out?: string;
  err?: string;
  code?: number | null;
  signal?: string | null;
}

/** A process in a guest, with what it printed. */
export class GuestProcess {
  readonly #command: string;
  readonly #whereabouts: () => string;
  readonly #say: (message: object) => void;
  #output = '';
  #errors = '';
  #end: { code: number | null; signal: string | null } | null = null;
  #lost = false;
  readonly #news = new EventEmitter();

  constructor(command: string, whereabouts: () => string, say: (message: object) => void) {
    this.#command = command;
    this.#whereabouts = whereabouts;
    this.#say = say;
  }

  /** For the guest alone. */
  take({ out = '', err = '', code, signal }: ProcessNews): void {
    this.#output += out;
    this.#errors += err;
    if (code !== undefined) this.#end = { code, signal: signal ?? null };
    this.#news.emit('news');
  }

  /** For the guest alone: it is no more, and there will be no news. */
  lose(): void {
    this.#lost = true;
    this.#news.emit('news');
  }

  output(): string {
    return this.#output;
  }

  errors(): string {
    return this.#errors;
  }

  /** Whether it still runs. */
  get runs(): boolean {
    return this.#end === null;
  }

  /** Resolves to a line of the standard output; rejects when the process ends before, or says nothing for too long. */
  async line(prefix: string, withinMs = patience(1000)): Promise<string> {
    const find = () => this.#output.split('\n').find((line) => line.startsWith(prefix));
    await this.#until(() => find() !== undefined || !this.runs, withinMs, `no line "${prefix}"`);
    const found = find();
    if (found === undefined) throw new Error(`ended before "${prefix}": ${this.#errors.trim() || this.#output.trim()}`);
    return found;
  }

  /** Resolves to exit code and signal. */
  async ended(withinMs = patience(500)): Promise<{ code: number | null; signal: string | null }> {
    await this.#until(() => !this.runs, withinMs, 'no end');
    return this.#end as { code: number | null; signal: string | null };
  }

  /** Writes to its standard input. */
  tell(text: string): void {
    this.#say({ tell: text });
  }

  kill(signal: NodeJS.Signals): void {
    this.#say({ signal });
  }

  async #until(happened: () => boolean, withinMs: number, missing: string): Promise<void> {
    const signal = AbortSignal.timeout(withinMs);
    const fail = (what: string) => {
      throw new Error(`${this.#command}: ${what} (${this.#whereabouts()}) ${this.#errors.trim()}`);
    };
    while (!happened()) {
      if (this.#lost) fail('the guest ended');
      await once(this.#news, 'news', { signal }).catch(() => fail(`${missing} in ${withinMs / 1000} s`));
    }
  }
}
