import { execa } from 'execa';
import { BenchError, toRunError } from '../../common/cli/errors.js';
import { Child } from '../../common/process/child.js';
import { leaves, track } from '../../common/process/ending.js';
import { LastWords } from '../../common/process/last-words.js';
import { childScripts } from '../../common/process/paths.js';
import { type LoadContext, type LoadMessage, readLines } from '../../common/process/protocol.js';
import { toolEnvironment } from '../../common/process/tools.js';
import { startSession } from '../../common/wire/ceiling.js';
import { ownMark } from '../../common/wire/owner.js';
import type { Site, Topology } from '../../common/wire/topology.js';
import { veth } from '../../common/wire/veth.js';
import type { ProgramCell, ProgramRun } from '../../model/pair.js';
import type { Window } from '../../model/record.js';
import { expectedNs } from '../plan/plan.js';
import { keepTo } from './affinity.js';
import { command, loadContext, rejectOn, stopGraceMs, timeout } from './run.js';

/** Until a program serves, which it does not tell: before it is asked at all, and until it is one that does not answer. */
const [asksAfterMs, startsWithinMs] = [1000, 10_000];

/**
 * Makes one attempt at a program that is no part of the project: a fresh wire, the program, a fresh generator. Resolves
 * to its record whatever happens; rejects only if `interrupt` was given, with its reason.
 */
export async function runProgram(cell: ProgramCell, interrupt: AbortSignal): Promise<ProgramRun> {
  const over = new AbortController();
  const expectedMs = expectedNs(cell) / 1e6 + startsWithinMs;
  const trouble = Promise.race([rejectOn(interrupt, over.signal), timeout(expectedMs, over.signal)]);
  trouble.catch(() => {}); // Between two races nobody listens; the next one still sees it.
  const endings: (() => Promise<void>)[] = [];
  let outcome: ProgramRun;
  try {
    interrupt.throwIfAborted();
    await keepTo(String(cell.placement.housekeepingCpu));
    const wire = await veth.build(cell.queues);
    endings.push(() => wire.destroy());
    const context = loadContext(cell, wire, cell.program.replyAddresses);
    if (cell.program.receivePath === 'pass') endings.push(await Promise.race([attachPass(wire, context), trouble]));
    else await sendWholeChecksums(wire.clients[0]);
    const server = new Server(cell, wire);
    endings.push(() => server.end());
    await Promise.race([server.started(), trouble]);
    const load = () => {
      const started = new ProgramLoad(cell, wire, context);
      endings.push(() => started.end());
      return started;
    };
    outcome = await Promise.race([firstAnswered(load), server.failure(), trouble]);
  } catch (thrown) {
    outcome = { state: 'failed', error: toRunError(thrown) };
  }
  over.abort();
  // What was started last ends first; the wire goes also where a process stays.
  for (const end of endings.reverse()) {
    await end().catch((thrown) => {
      if (outcome.state === 'completed') outcome = { state: 'failed', error: toRunError(thrown) };
    });
  }
  interrupt.throwIfAborted();
  return outcome;
}

/**
 * On a virtual wire the packets of sockets carry half a checksum, which the kernel at its other end takes. A program that
 * reads frames by itself would never get such a one from a NIC.
 */
async function sendWholeChecksums({ enter, interface: name }: Site): Promise<void> {
  const [file = '', ...words] = [...enter, 'ethtool', '-K', name, 'tx', 'off'];
  await execa(file, words, { env: toolEnvironment });
}

/** What the first load made of the program that it answered; rejects as the last one did, when the time to start is over. */
async function firstAnswered(start: () => ProgramLoad): Promise<ProgramRun> {
  for (const beganMs = performance.now(); ; ) {
    const load = start();
    try {
      return await load.run();
    } catch (thrown) {
      const unanswered = thrown instanceof BenchError && thrown.code === 'PROBE';
      if (!unanswered || performance.now() - beganMs > startsWithinMs) throw thrown;
      await load.end();
    }
  }
}

/** Holds a program that lets everything through on the server's interface; resolves to what takes it away. */
async function attachPass(wire: Topology, context: LoadContext): Promise<() => Promise<void>> {
  const holder = startSession(wire.server, childScripts.generator, { ...context, load: { kind: 'pass' } });
  const end = () => holder.end(stopGraceMs);
  try {
    await holder.expect('ready');
    holder.command({ type: 'start' });
    await holder.expect('phase');
    return end;
  } catch (error) {
    await end();
    throw error;
  }
}

/** The program's process. */
class Server {
  readonly #process: ReturnType<typeof spawn>;
  readonly #failed: Promise<never>;
  readonly #lastWords = new LastWords();

  constructor({ program, placement, port }: ProgramCell, { server }: Topology) {
    const where = { interface: server.interface, address: server.address, port: String(port) };
    const words = program.command.replace(
      /\{(interface|address|port)\}/g,
      (_, name) => where[name as keyof typeof where],
    );
    const cpus = placement.invokerCpus.join(',');
    this.#process = spawn([...server.enter, 'taskset', '-c', cpus, 'sh', '-c', words]);
    track(this.#process, () => this.#signal('SIGKILL'));
    const remember = (line: string) => this.#lastWords.hear(line);
    readLines(this.#process.stderr, remember, remember);
    this.#process.stdout.resume();
    this.#failed = this.#process.then(({ exitCode, signal }) => {
      const how = signal ? `signal ${signal}` : `code ${exitCode}`;
      const said = this.#lastWords.quote();
      throw new BenchError('PROGRAM_ENDED', `the program ended: ${how}${said === null ? '' : `, last words: ${said}`}`);
    });
    this.#failed.catch(() => {}); // It ends in any case; whoever races it while it should serve hears of it.
  }

  /** Resolves when it had its time to start; rejects if it ends meanwhile. */
  async started(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, asksAfterMs);
    });
    await Promise.race([waited, this.#failed]).finally(() => clearTimeout(timer));
  }

  /** Rejects when it ends; never resolves. */
  failure(): Promise<never> {
    return this.#failed;
  }

  async end(): Promise<void> {
    this.#signal('SIGTERM');
    await leaves(this.#process, 'program', () => this.#signal('SIGKILL'), stopGraceMs);
  }

  /** To the shell and all that it started: a command may be of several programs. */
  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-(this.#process.pid as number), signal);
    } catch {
      // Nothing is left of it.
    }
  }
}

/** Never rejects: how it ended is a value. In a process group of its own. */
const spawn = ([file = '', ...args]: string[]) =>
  execa(file, args, { stdin: 'ignore', buffer: false, reject: false, detached: true, env: ownMark() });

/** The generator's process. */
class ProgramLoad {
  readonly #generator: Child<LoadMessage>;
  readonly #windows: Window[] = [];

  constructor({ engine, placement }: ProgramCell, { clients }: Topology, context: LoadContext) {
    const words = command(clients[0], placement.housekeepingCpu, childScripts.generator);
    this.#generator = new Child<LoadMessage>(`${engine} generator`, words, context, (message) => {
      if (message.type === 'window') this.#windows.push(message.window);
    });
  }

  async run(): Promise<ProgramRun> {
    await this.#generator.expect('ready');
    this.#generator.command({ type: 'start' });
    const { totals } = await this.#generator.expect('done');
    const { histogram, capacity, generator, kernel } = totals;
    return { state: 'completed', windows: this.#windows, histogram, capacity, counters: { generator, client: kernel } };
  }

  end(): Promise<void> {
    return this.#generator.end(stopGraceMs);
  }
}
