import { EventEmitter, once } from 'node:events';
import { execa } from 'execa';
import type { RunError } from '../../model/record.js';
import { BenchError } from '../cli/errors.js';
import { printable } from '../cli/printable.js';
import { ownMark } from '../wire/owner.js';
import { leaves, track } from './ending.js';
import { LastWords } from './last-words.js';
import { type Command, readLines, writeLine } from './protocol.js';

type ChildMessage = { type: string } | { type: 'error'; error: RunError };

/** Never rejects: how a child ended is a value. */
const spawn = (file: string, args: string[]) =>
  execa(file, args, { stdio: 'pipe', buffer: false, reject: false, env: ownMark() });

/** A child process that speaks the lines of protocol.ts, `Message` being what it says and `Sent` what it hears. */
export class Child<Message extends ChildMessage, Sent extends object = Command> {
  readonly #name: string;
  readonly #process: ReturnType<typeof spawn>;
  readonly #events = new EventEmitter();
  readonly #seen = new Map<string, Message>();
  #failure: BenchError | null = null;
  readonly #lastWords = new LastWords();

  /** Starts `words` with the context as its first line of input; `onMessage` hears everything it says. */
  constructor(name: string, words: readonly string[], context: object, onMessage: (message: Message) => void) {
    this.#name = name;
    const [file = '', ...args] = words;
    this.#process = spawn(file, args);
    readLines(
      this.#process.stdout,
      (line) => this.#hear(line, onMessage),
      () => {},
    );
    const remember = (line: string) => this.#lastWords.hear(line);
    // The last words of a process that dies may lack their line break; half a message would be no message.
    readLines(this.#process.stderr, remember, remember);
    // Writing to a child that died is an error of the stream; that it died is reported by its exit.
    this.#process.stdin.on('error', () => {});
    track(this.#process, () => this.kill());
    this.#process.then(({ exitCode, signal, cause }) => this.#onExit(exitCode, signal, cause));
    writeLine(this.#process.stdin, context);
  }

  /** The message of that type, now or when it comes. Rejects if the child reports an error or ends before. */
  async expect<Type extends Message['type']>(type: Type): Promise<Extract<Message, { type: Type }>> {
    while (!this.#seen.has(type)) {
      if (this.#failure) throw this.#failure;
      await once(this.#events, 'change');
    }
    return this.#seen.get(type) as Extract<Message, { type: Type }>;
  }

  /** The same of a message that it says from now on. */
  async next<Type extends Message['type']>(type: Type): Promise<Extract<Message, { type: Type }>> {
    this.#seen.delete(type);
    return await this.expect(type);
  }

  /** Whether it has said a message of that type. */
  said(type: Message['type']): boolean {
    return this.#seen.has(type);
  }

  /** Rejects when the child fails; never resolves. */
  async failure(): Promise<never> {
    while (this.#failure === null) await once(this.#events, 'change');
    throw this.#failure;
  }

  command(command: Sent): void {
    writeLine(this.#process.stdin, command);
  }

  /** 0 if it could not be started. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /**
   * Ends the input, which asks it to stop, and kills it if it has not left after `graceMs`. Rejects with BenchError
   * CHILD_STAYS if it does not even leave then.
   */
  async end(graceMs: number): Promise<void> {
    this.#process.stdin.end();
    await leaves(this.#process, this.#name, () => this.kill(), graceMs);
  }

  #hear(line: string, onMessage: (message: Message) => void): void {
    const message = parseMessage(line) as Message | null;
    if (message === null) {
      this.#fail(
        new BenchError(
          'PROTOCOL',
          `the ${this.#name} said something that is no message: ${printable(line.slice(0, 120))}`,
          { stderr: this.#lastWords.lines },
        ),
      );
      return;
    }
    if ('error' in message) {
      const { code, message: text, ...failed } = message.error;
      this.#fail(
        // What it quotes of a process of its own says more than its own last words.
        new BenchError(code, `${this.#name}: ${printable(text)}`, { stderr: this.#lastWords.lines, ...failed }),
      );
      return;
    }
    this.#seen.set(message.type, message);
    onMessage(message);
    this.#events.emit('change');
  }

  #onExit(exitCode: number | undefined, signal: string | undefined, cause: unknown): void {
    const how = signal ? `signal ${signal}` : exitCode === undefined ? String(cause) : `code ${exitCode}`;
    const quote = this.#lastWords.quote();
    const last = quote === null ? '' : `, last words: ${quote}`;
    const stderr = this.#lastWords.lines;
    this.#fail(new BenchError('CHILD_ENDED', `the ${this.#name} ended: ${how}${last}`, { stderr }));
  }

  #fail(error: BenchError): void {
    this.#failure ??= error;
    this.#events.emit('change');
  }
}

function parseMessage(line: string): object | null {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === 'object' && message !== null && 'type' in message ? message : null;
  } catch {
    return null;
  }
}
