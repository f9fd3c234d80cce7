import { BenchError, toRunError, UsageError } from '../../common/cli/errors.js';
import { readText } from '../../common/process/host-files.js';
import { thisHost } from '../../common/process/host-sources.js';
import { Lock, machineLock } from '../../common/process/lock.js';
import { MessageOutput } from '../../common/process/message-output.js';
import { packageRoot } from '../../common/process/paths.js';
import { readLines } from '../../common/process/protocol.js';
import { packageDigest } from '../../common/process/version.js';
import { tryAttach } from '../../common/wire/attach.js';
import { type Link, readLink } from '../../common/wire/link.js';
import { type NeighbourQuestion, neighbourOf } from '../../common/wire/neighbour.js';
import { type PauseFrames, readPauseFrames } from '../../common/wire/pauses.js';
import { type Echo, type PingQuestion, ping } from '../../common/wire/ping.js';
import { type Route, type RouteQuestion, routeOf } from '../../common/wire/route.js';
import type { Scenario } from '../../model/cell.js';
import type { HostFacts, Interrupts } from '../../model/host.js';
import type { RunError } from '../../model/record.js';
import type { Tuning } from '../../model/tuning.js';
import { restoreLeft } from '../clean.js';
import { examine } from '../doctor/checks.js';
import type { Finding } from '../doctor/finding.js';
import { viewOfThisHost } from '../doctor/this-host.js';
import { readView } from '../doctor/view.js';
import { readHostFacts } from '../measure/host.js';
import { type HostReading, readHost } from '../measure/host-reading.js';
import { type HostCpus, readHostCpus } from '../plan/host-cpus.js';
import type { HostState } from '../state/host-state.js';
import { StateReader } from '../state/state-reader.js';
import { type Applied, applyTuning, type Tuned } from '../tuning/apply.js';
import { thisHostsNetwork, usesOf } from '../tuning/guard.js';
import { tuningHost } from '../tuning/host.js';
import { interruptsFor } from '../tuning/interrupts.js';
import { keepOwn, pathsTo } from './own-processes.js';
import { type Hello, ownHello } from './peer.js';

/** What a host is asked, and what it answers. */
export interface Answers {
  /** Of the first line; what it says is Hello. */
  hello: null;
  /** Others are kept from it, until this process ends; sentences of what killed runs had left, and is undone. */
  occupy: string[];
  facts: HostFacts;
  cpus: HostCpus;
  link: Link;
  interrupts: Interrupts;
  /** What the host needs the interface for. */
  uses: string[];
  /** Null: there is none. */
  route: Route | null;
  /** The MAC that answers for the address; null: none does. */
  neighbour: string | null;
  /** Null: no program does it. */
  ping: Echo | null;
  /** What keeps a program from being attached to the interface; null: nothing does. */
  attach: string | null;
  /** Null: they are not counted. */
  pauses: PauseFrames | null;
  /** This process and those through which it is reached stay on the CPU. */
  keep: null;
  doctor: Finding[];
  reading: HostReading;
  state: HostState;
  tune: Applied[];
  /** The settings that a tune made are undone. */
  untune: null;
}

export type Question =
  | { ask: 'hello' }
  /** `leftovers`: what becomes of what killed runs had left. */
  | { ask: 'occupy'; command: string; remedy: string; leftovers: 'undo' | 'leave' }
  | { ask: 'facts' }
  | ({ ask: 'cpus' } & Pick<Scenario, 'cpus' | 'pinned'>)
  | { ask: 'link'; interface: string }
  | { ask: 'interrupts'; interface: string }
  | { ask: 'uses'; interface: string }
  | ({ ask: 'route' } & RouteQuestion)
  | ({ ask: 'neighbour' } & NeighbourQuestion)
  | ({ ask: 'ping' } & PingQuestion)
  | { ask: 'attach'; interface: string }
  | { ask: 'pauses'; interface: string }
  /** `processes`: others, with all that they started. */
  | { ask: 'keep'; cpu: number; processes: number[] }
  | { ask: 'doctor'; interface: string }
  | { ask: 'reading'; children: number[] }
  | { ask: 'state'; interface: string }
  | { ask: 'tune'; tuning: Tuning; interface: string; port: number }
  | { ask: 'untune' };

export type AgentMessage =
  | Hello
  | { type: 'answer'; id: number; answer: unknown }
  /** `usage`: what was asked cannot be, whatever the host. */
  | { type: 'refusal'; id: number; fault: 'usage' | 'failure'; refusal: RunError }
  | { type: 'error'; error: RunError };

/** Answers questions about this host, a line each, until the end of the input. Resolves to the exit code. */
export function answerQuestions(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<number> {
  const messages = new MessageOutput<AgentMessage>(output);
  hello = ownHello();
  messages.say(hello);
  return new Promise((resolve) => {
    readLines(
      input,
      (line) => {
        const { id, ...question } = JSON.parse(line) as Question & { id: number };
        answer(question).then(
          (answer) => messages.say({ type: 'answer', id, answer }),
          (error: unknown) => {
            const fault = error instanceof UsageError ? 'usage' : 'failure';
            messages.say({ type: 'refusal', id, fault, refusal: toRunError(error) });
          },
        );
      },
      // Whoever tuned this host is gone.
      () =>
        untune().then(
          () => resolve(0),
          () => resolve(1),
        ),
    );
  });
}

/** What was said of this host first. */
let hello: Hello | null = null;

/** Of this host. */
let lock: Lock | null = null;

async function occupy({ command, remedy, leftovers }: Extract<Question, { ask: 'occupy' }>): Promise<string[]> {
  const self = { pid: process.pid, since: new Date().toISOString(), command };
  if (lock === null) lock = await Lock.take(machineLock, self, remedy);
  // While it waited, another --ship may have written here.
  if (packageDigest() !== hello?.digest) {
    const message = `the code in ${packageRoot()} has changed since this run looked at it (start it again)`;
    throw new BenchError('FAR_HOST', message);
  }
  return leftovers === 'undo' ? await restoreLeft() : [];
}

/** Ends with this process. */
let stateReader: StateReader | null = null;

/** What is set on this host, or being set. */
let tuning: Promise<Tuned> | null = null;

async function tune({ tuning: asked, ...site }: Extract<Question, { ask: 'tune' }>): Promise<Applied[]> {
  await untune(); // Of a cell whose end was not heard of.
  tuning = applyTuning(asked, tuningHost({ ...site, enter: [] }));
  return (await tuning).applied;
}

/** Also of a tuning that is under way; what failed is undone already. */
async function untune(): Promise<null> {
  const tuned = await tuning?.catch(() => null);
  tuning = null;
  await tuned?.undo();
  return null;
}

async function answer(question: Question): Promise<Answers[Question['ask']]> {
  switch (question.ask) {
    case 'hello':
      return null;
    case 'occupy':
      return await occupy(question);
    case 'facts':
      return await readHostFacts(thisHost);
    case 'cpus':
      return readHostCpus(readText, question);
    case 'link':
      return await readLink(question.interface);
    case 'interrupts':
      return await interruptsFor(tuningHost({ interface: question.interface, enter: [], port: 0 }));
    case 'uses':
      return usesOf(question.interface, thisHostsNetwork);
    case 'route':
      return await routeOf(question);
    case 'neighbour':
      return await neighbourOf(question);
    case 'ping':
      return await ping(question);
    case 'attach':
      return await tryAttach(question.interface);
    case 'pauses':
      return await readPauseFrames(question.interface);
    case 'keep':
      return await keepOwn(question.cpu, question.processes);
    case 'doctor':
      return examine(await readView(viewOfThisHost, [question.interface]));
    case 'reading':
      return readHost(question.children, pathsTo([process.pid, ...question.children], readText));
    case 'state':
      stateReader ??= new StateReader([{ interface: question.interface, enter: [] }]);
      return await stateReader.read();
    case 'tune':
      return await tune(question);
    case 'untune':
      return await untune();
  }
}
