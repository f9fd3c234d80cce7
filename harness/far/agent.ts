import { readFileSync } from 'node:fs';
import { toRunError } from '../../common/cli/errors.js';
import { thisHost } from '../../common/process/host-sources.js';
import { MessageOutput } from '../../common/process/message-output.js';
import { readLines } from '../../common/process/protocol.js';
import { packageVersion } from '../../common/process/version.js';
import { type Link, readLink } from '../../common/wire/link.js';
import type { Scenario } from '../../model/cell.js';
import type { HostFacts } from '../../model/host.js';
import type { RunError } from '../../model/record.js';
import type { Tuning } from '../../model/tuning.js';
import { readHostFacts } from '../measure/host.js';
import { type HostReading, readHost } from '../measure/host-reading.js';
import { type HostCpus, readHostCpus } from '../plan/host-cpus.js';
import { type Applied, applyTuning, type Tuned } from '../tuning/apply.js';
import { tuningHost } from '../tuning/host.js';
import { restoreAbandoned } from '../tuning/restore.js';

/** What a host is asked, and what it answers. */
export interface Answers {
  /** Of the first line; what it says is Hello. */
  hello: null;
  facts: HostFacts;
  cpus: HostCpus;
  link: Link;
  reading: HostReading;
  tune: Applied[];
  /** The settings that a tune made are undone. */
  untune: null;
}

export type Question =
  | { ask: 'hello' }
  | { ask: 'facts' }
  | ({ ask: 'cpus' } & Pick<Scenario, 'cpus' | 'pinned'>)
  | { ask: 'link'; interface: string }
  | { ask: 'reading'; children: number[] }
  | { ask: 'tune'; tuning: Tuning; interface: string; port: number }
  | { ask: 'untune' };

/** Who answers. */
export interface Hello {
  type: 'hello';
  version: string;
  node: string;
  architecture: string;
}

export type AgentMessage =
  | Hello
  | { type: 'answer'; id: number; answer: unknown }
  | { type: 'refusal'; id: number; refusal: RunError }
  | { type: 'error'; error: RunError };

/** Answers questions about this host, a line each, until the end of the input. Resolves to the exit code. */
export function answerQuestions(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<number> {
  const messages = new MessageOutput<AgentMessage>(output);
  const { versions, arch } = process;
  messages.say({ type: 'hello', version: packageVersion(), node: versions.node, architecture: arch });
  return new Promise((resolve) => {
    readLines(
      input,
      (line) => {
        const { id, ...question } = JSON.parse(line) as Question & { id: number };
        answer(question).then(
          (answer) => messages.say({ type: 'answer', id, answer }),
          (error: unknown) => messages.say({ type: 'refusal', id, refusal: toRunError(error) }),
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

/** What is set on this host, or being set. */
let tuning: Promise<Tuned> | null = null;

/** Sets this host, after what a harness left that is gone. */
async function tune({ tuning: asked, ...site }: Extract<Question, { ask: 'tune' }>): Promise<Applied[]> {
  for (const text of await restoreAbandoned()) process.stderr.write(`${text}\n`);
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
    case 'facts':
      return await readHostFacts(thisHost);
    case 'cpus':
      return readHostCpus((path) => readFileSync(path, 'utf8'), question);
    case 'link':
      return await readLink(question.interface);
    case 'reading':
      return readHost(question.children);
    case 'tune':
      return await tune(question);
    case 'untune':
      return await untune();
  }
}
