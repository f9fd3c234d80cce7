import { join } from 'node:path';
import { BenchError, toRunError } from '../../common/cli/errors.js';
import { enterFar, type FarHost, graces } from '../../common/far/ssh.js';
import { Child } from '../../common/process/child.js';
import { packageVersion } from '../../common/process/version.js';
import type { RunError } from '../../model/record.js';
import type { AgentMessage, Answers, Question } from './agent.js';

/** Far more than a connection takes that comes to be at all. */
const limitMs = 60_000;

type Pending = { resolve(answer: never): void; reject(error: Error): void };

/** A host that is reached by ssh, where this project's built tree is: what runs there, and what it answers. */
export class FarMachine {
  readonly #host: FarHost;
  readonly #controlPrefix: string;
  #connections = 0;
  #agent: Agent | null = null;
  #connecting: Promise<Agent> | null = null;

  /** Its connections have sockets whose paths begin so. */
  constructor(host: FarHost, controlPrefix: string) {
    this.#host = host;
    this.#controlPrefix = controlPrefix;
  }

  /** Opens the connection that all processes there share, if there is none. Rejects with BenchError, which says what to do. */
  connect(): Promise<Agent> {
    if (this.#agent?.lives) return Promise.resolve(this.#agent);
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #open(): Promise<Agent> {
    // A connection that died may have left its socket.
    const agent = new Agent(this.#host, `${this.#controlPrefix}${++this.#connections}`);
    try {
      await agent.checkPeer();
    } catch (error) {
      await agent.end();
      throw error;
    }
    this.#agent = agent;
    return agent;
  }

  /** Rejects with BenchError where it cannot answer, or there is no connection: only connect() opens one. */
  async ask<Kind extends Question['ask']>(question: Extract<Question, { ask: Kind }>): Promise<Answers[Kind]> {
    if (this.#agent === null) throw new BenchError('FAR_HOST', `no connection to ${this.#host.target}`);
    return await this.#agent.ask(question);
  }

  async end(): Promise<void> {
    await this.#connecting?.catch(() => {});
    await this.#agent?.end();
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
    const { target } = this.#host;
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
    const { version, architecture } = await Promise.race([hello, tooLong]).finally(() => clearTimeout(timer));
    if (version === packageVersion() && architecture === process.arch) return;
    throw new BenchError(
      'FAR_HOST',
      `${target} has invoker-bench ${version} on ${architecture}, this host ${packageVersion()} on ${process.arch}:` +
        ' both need the same',
    );
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
      pending?.reject(new BenchError(code, `${this.#host.target}: ${text}`, failed));
    }
  }
}

/** What ssh and the shell there say, by what it means and what to do. */
const causes: [pattern: RegExp, meaning: (host: FarHost) => string][] = [
  [/could not resolve hostname/i, ({ target }) => `no host ${target} (see ~/.ssh/config, or give its address)`],
  [
    /host key verification failed|remote host identification has changed/i,
    ({ target }) => `the host key of ${target} is not the known one (ssh ${target} shows it)`,
  ],
  [
    /permission denied \(|too many authentication failures/i,
    ({ target }) => `${target} takes none of your keys, and no password is asked for (ssh-copy-id ${target})`,
  ],
  [
    /sudo: .*(password|terminal|not allowed|may not)/i,
    ({ target }) => `${target} is not root, and sudo asks for a password there (NOPASSWD in sudoers, or root@...)`,
  ],
  [
    /sudo: node: (command )?not found/i,
    ({ target }) => `${target}: sudo finds no command node (secure_path in sudoers, or root@...)`,
  ],
  [/sudo: (command )?not found/i, ({ target }) => `${target} is not root, and there is no sudo`],
  [
    /node: (command )?not found|node: No such file/i,
    ({ target }) => `${target} has no command node (install Node 20 there)`,
  ],
  [
    /Cannot find module|MODULE_NOT_FOUND/i,
    ({ target, root }) => `${target} has no built invoker-bench in ${root} (dir=... names another folder)`,
  ],
  [
    /connection refused|connection timed out|no route to host|network is unreachable/i,
    ({ target }) => `${target} cannot be reached by ssh (ssh ${target})`,
  ],
];

function explained(host: FarHost, error: RunError): BenchError {
  const lines = error.stderr ?? [];
  for (const [pattern, meaning] of causes) {
    const said = lines.find((line) => pattern.test(line));
    if (said !== undefined)
      return new BenchError('FAR_HOST', `${meaning(host)}; it says: ${said.trim()}`, { call: 'ssh', stderr: lines });
  }
  const said = lines.findLast((line) => !line.startsWith('no connection to')) ?? error.message;
  return new BenchError('FAR_HOST', `${host.target}: ${said.trim()}`, { call: 'ssh', stderr: lines });
}
