import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError, toRunError, UsageError } from '../../common/cli/errors.js';
import { enterFar, type FarHost, graces } from '../../common/far/ssh.js';
import { Child } from '../../common/process/child.js';
import type { AgentMessage, Answers, Question } from './agent.js';
import { type Hello, ownHello, whyNotPeer } from './peer.js';
import { explained } from './ssh-errors.js';

/** Far more than a connection takes that comes to be at all. */
const limitMs = 60_000;
/** For so long one that was lost is sought: a cable that is put back, a switch that begins again. */
const soughtMs = 30_000;

type Pending = { resolve(answer: never): void; reject(error: Error): void };

/** A host that is reached by ssh, where this project's built tree is: what runs there, and what it answers. */
export class FarMachine {
  readonly #host: FarHost;
  readonly #controlPrefix: string;
  #connections = 0;
  #agent: Agent | null = null;
  #connecting: Promise<Agent> | null = null;
  /** Whether it is sought where it cannot be reached: once after it was, or each cell of a host that is gone would wait. */
  #isSought = false;
  /** Whose the host is, once it is. */
  #command: string | null = null;

  /** Its connections have sockets whose paths begin so. */
  constructor(host: FarHost, controlPrefix: string) {
    this.#host = host;
    this.#controlPrefix = controlPrefix;
  }

  /**
   * Opens the connection that all processes there share, if there is none. With an interrupt, which ends the search, a host
   * that was lost is sought. Rejects with BenchError, which says what to do, and with AbortError.
   */
  connect(interrupt?: AbortSignal): Promise<Agent> {
    if (this.#agent?.lives) return Promise.resolve(this.#agent);
    this.#connecting ??= this.#seek(interrupt).finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #seek(interrupt?: AbortSignal): Promise<Agent> {
    const limitMs = interrupt && this.#isSought ? soughtMs : 0;
    if (interrupt) this.#isSought = false;
    const agent = await repeated(() => this.#open(interrupt), { limitMs, pauseMs: 1000, interrupt });
    this.#isSought = true;
    return agent;
  }

  async #open(interrupt?: AbortSignal): Promise<Agent> {
    // A connection that died may have left its socket.
    const agent = new Agent(this.#host, `${this.#controlPrefix}${++this.#connections}`);
    try {
      await agent.checkPeer();
      if (this.#command !== null) await occupyAnew(agent, this.#command, interrupt);
    } catch (error) {
      await agent.end();
      throw error;
    }
    this.#agent = agent;
    return agent;
  }

  /**
   * Rejects with BenchError where it cannot answer, or there is no connection: only connect() opens one; with UsageError
   * where the question cannot be that.
   */
  async ask<Kind extends Question['ask']>(question: Extract<Question, { ask: Kind }>): Promise<Answers[Kind]> {
    return await this.#connected.ask(question);
  }

  /**
   * Keeps all other benchmarks from the host, until the end and over lost connections. Resolves to what killed runs had
   * left there and is undone, as sentences; rejects with BenchError BUSY, whose message ends in `remedy`.
   */
  async occupy(command: string, remedy: string, leftovers: 'undo' | 'leave' = 'undo'): Promise<string[]> {
    const left = await this.ask({ ask: 'occupy', command, remedy, leftovers });
    this.#command = command;
    return left;
  }

  /** What it has said of itself. */
  get hello(): Hello {
    return this.#connected.hello;
  }

  get #connected(): Agent {
    if (this.#agent === null) throw new BenchError('FAR_HOST', `no connection to ${this.#host.target}`);
    return this.#agent;
  }

  async end(): Promise<void> {
    await this.#connecting?.catch(() => {});
    await this.#agent?.end();
  }
}

/** The agent of a connection that was lost has the host until it notices, and has undone what it set. */
async function occupyAnew(agent: Agent, command: string, interrupt?: AbortSignal): Promise<void> {
  const isWorthIt = (error: unknown) => error instanceof BenchError && error.code === 'BUSY';
  const remedy = 'the connection to it was lost';
  const occupy = () => agent.ask({ ask: 'occupy', command, remedy, leftovers: 'undo' });
  await repeated(occupy, { limitMs, pauseMs: 200, isWorthIt, interrupt });
}

interface Patience {
  /** No attempt begins more than a pause after that. */
  limitMs: number;
  pauseMs: number;
  /** Whether another attempt may fare better after that error; without it all may. */
  isWorthIt?: (error: unknown) => boolean;
  /** Ends a pause. */
  interrupt?: AbortSignal | undefined;
}

/** Makes attempts until one succeeds; rejects with the error of the last one, or with AbortError. */
async function repeated<Result>(
  attempt: () => Promise<Result>,
  { limitMs, pauseMs, isWorthIt = () => true, interrupt }: Patience,
): Promise<Result> {
  for (const deadline = performance.now() + limitMs; ; await sleep(pauseMs, undefined, { signal: interrupt })) {
    try {
      return await attempt();
    } catch (error) {
      if (!isWorthIt(error) || performance.now() >= deadline) throw error;
    }
  }
}

/** The process that answers there, and with it the connection. */
class Agent {
  readonly #host: FarHost;
  readonly #child: Child<AgentMessage, Question & { id: number }>;
  readonly #pending = new Map<number, Pending>();
  #questions = 0;
  /** Until the connection is lost. */
  lives = true;
  /** Words that run what follows them there. */
  readonly enter: string[];
  #hello: Hello | null = null;

  constructor(host: FarHost, controlPath: string) {
    this.#host = host;
    this.enter = enterFar(host, controlPath, 'session');
    const script = join(host.root, 'dist/harness/far/agent-main.js');
    const words = [...enterFar(host, controlPath, 'agent'), 'node', script];
    this.#child = new Child(`agent on ${host.target}`, words, { id: 0, ask: 'hello' }, (message) =>
      this.#hear(message),
    );
    this.#child.failure().catch((error) => {
      this.lives = false;
      for (const { reject } of this.#pending.values()) reject(explained(host, toRunError(error)));
    });
  }

  /** Resolves when it has said that it is what it should be. */
  async checkPeer(): Promise<void> {
    const { target, root } = this.#host;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new BenchError('FAR_HOST', `${target} does not answer (ssh ${target})`)),
        limitMs,
      );
    });
    const hello = this.#child.expect('hello').catch((error) => {
      throw explained(this.#host, toRunError(error));
    });
    this.#hello = await Promise.race([hello, tooLong]).finally(() => clearTimeout(timer));
    const reason = whyNotPeer(this.#hello, ownHello(), root);
    if (reason !== null) throw new BenchError('FAR_HOST', `${target} ${reason}`);
  }

  /** After checkPeer(). */
  get hello(): Hello {
    if (this.#hello === null) throw new BenchError('FAR_HOST', `${this.#host.target} has not answered`);
    return this.#hello;
  }

  ask<Kind extends Question['ask']>(question: Extract<Question, { ask: Kind }>): Promise<Answers[Kind]> {
    return new Promise((resolve, reject) => {
      const id = ++this.#questions;
      this.#pending.set(id, { resolve, reject });
      this.#child.command({ id, ...question });
      if (!this.lives) reject(new BenchError('FAR_HOST', `the connection to ${this.#host.target} was lost`));
    });
  }

  async end(): Promise<void> {
    // It may have settings to undo.
    await this.#child.end(graces.agent);
  }

  #hear(message: AgentMessage): void {
    if (message.type !== 'answer' && message.type !== 'refusal') return;
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === 'answer') pending?.resolve(message.answer as never);
    else {
      const { code, message: text, ...failed } = message.refusal;
      const said = `${this.#host.target}: ${text}`;
      pending?.reject(message.fault === 'usage' ? new UsageError(said) : new BenchError(code, said, failed));
    }
  }
}
