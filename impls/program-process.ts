import { execa } from 'execa';
import { BenchError } from '../common/cli/errors.js';
import { printable } from '../common/cli/printable.js';
import { leaves } from '../common/process/ending.js';
import { LastWords } from '../common/process/last-words.js';
import { readLines } from '../common/process/protocol.js';
import type { Counters } from '../model/record.js';
import { programEnvironment } from './program-build.js';

/** Until a program must serve: interpreters take their time on a busy machine. Until it must say what it has counted. */
const [startsWithinMs, answersWithinMs] = [30_000, 10_000];
/** Until one that was asked to stop is killed: less than the patience of those who wait for the invoker. */
const stopGraceMs = 1500;

/** Who waits for the next line. */
interface Waiting {
  /** Whether the line is what was waited for. */
  take(line: string): boolean;
  reject(error: BenchError): void;
}

/** Never rejects: how it ended is a value. In a session of its own: the signals of a terminal are the invoker's to hear. */
const spawn = ([file = '', ...args]: string[], socket: number | null) =>
  execa(file, args, {
    // Its types do not tell that it hands a descriptor on.
    stdio: ['pipe', 'pipe', 'pipe', ...(socket === null ? [] : [socket as never])],
    ...{ buffer: false, reject: false, detached: true, env: programEnvironment },
  });

/** A program that serves a function and speaks the lines of docs/runtimes.md. All that it rejects with is BenchError. */
export class ProgramProcess {
  readonly #name: string;
  readonly #process: ReturnType<typeof spawn>;
  readonly #lastWords = new LastWords();
  /** In the order in which they asked. */
  readonly #waiting: Waiting[] = [];
  #failure: BenchError | null = null;
  #state: 'serving' | 'stopping' = 'serving';

  /** Starts `words`, which get `socket` as their file descriptor 3; here it stays the caller's to close. */
  constructor(name: string, words: string[], socket: number | null) {
    this.#name = name;
    // It does not outlive this process, however that ends.
    this.#process = spawn(['setpriv', '--pdeathsig', 'KILL', ...words], socket);
    const { stdin, stdout, stderr } = this.#process;
    readLines(
      stdout,
      (line) => this.#hear(line),
      () => {},
    );
    const remember = (line: string) => this.#lastWords.hear(line);
    readLines(stderr, remember, remember);
    // Writing to a program that died is an error of the stream; that it died is told by its exit.
    stdin.on('error', () => {});
    this.#process.then(({ exitCode, signal, cause }) => this.#onExit(exitCode, signal, cause));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Resolves when it serves; rejects with what kept it from that. */
  async ready(): Promise<void> {
    await this.#answer('ready', (line) => (line === 'ready' ? line : null), startsWithinMs);
  }

  /** What it has counted by now; rejects with what it died of. */
  async counters(): Promise<Counters> {
    const counters = this.#answer('its counters', parseCounters);
    this.#process.stdin.write('count\n');
    return await counters;
  }

  /** Asks it to stop; resolves to its last counters when it is gone. */
  async stop(): Promise<Counters> {
    this.#state = 'stopping';
    const counters = this.#answer('its last counters', parseCounters);
    counters.catch(() => {}); // Heard below.
    this.#process.stdin.end('stop\n');
    const kill = () =>
      this.#fail('PROGRAM_STAYS', `had not ended ${stopGraceMs / 1000} s after it was asked to, and was killed`);
    await leaves(this.#process, `${this.#name} program`, kill, stopGraceMs);
    // It may have said its counters and ended badly all the same.
    if (this.#failure) throw this.#failure;
    return await counters;
  }

  /** Ends it at once, with all that it started; resolves when it is gone. */
  async kill(): Promise<void> {
    try {
      process.kill(-(this.#process.pid as number), 'SIGKILL');
    } catch {
      // Nothing is left of it.
    }
    await this.#process;
  }

  /** What `read` makes of the next line that nobody waits for yet; null is what it makes of rubbish. */
  async #answer<Answer>(
    what: string,
    read: (line: string) => Answer | null,
    withinMs = answersWithinMs,
  ): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<Answer>((resolve, reject) => {
      const take = (line: string) => {
        const made = read(line);
        if (made !== null) resolve(made);
        return made !== null;
      };
      if (this.#failure) reject(this.#failure);
      else this.#waiting.push({ take, reject });
      const late = () => this.#fail('PROGRAM_SILENT', `has not said ${what} within ${withinMs / 1000} s`);
      timer = setTimeout(late, withinMs);
    });
    return await answer.finally(() => clearTimeout(timer));
  }

  #hear(line: string): void {
    const [first] = this.#waiting;
    if (first?.take(line)) this.#waiting.shift();
    else this.#fail('PROTOCOL', `said what it was not asked for: ${printable(line.slice(0, 120))}`);
  }

  #onExit(exitCode: number | undefined, signal: string | undefined, cause: unknown): void {
    if (this.#state === 'stopping' && exitCode === 0 && this.#waiting.length === 0) return;
    const how = signal ? `signal ${signal}` : exitCode === undefined ? String(cause) : `code ${exitCode}`;
    const said = this.#lastWords.quote();
    const without = exitCode === 0 && this.#state === 'stopping' ? ' without its last counters' : '';
    this.#fail('PROGRAM_ENDED', `ended${without}: ${how}${said === null ? '' : `, last words: ${said}`}`);
  }

  /** The first failure is the one that counts. Nothing is expected of it any more. */
  #fail(code: string, how: string): BenchError {
    this.#failure ??= new BenchError(code, `the ${this.#name} program ${how}`, { stderr: this.#lastWords.lines });
    this.kill();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
    return this.#failure;
  }
}

/** From `received=3 handled=3 replied=3`; null where it is anything else, or one of these is missing. */
function parseCounters(line: string): Counters | null {
  const pairs = line.split(' ').map((word) => /^(\w+)=(\d+)$/.exec(word));
  if (pairs.some((pair) => pair === null)) return null;
  const counters: Counters = Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', Number(pair?.[2])]));
  return ['received', 'handled', 'replied'].every((name) => name in counters) ? counters : null;
}
