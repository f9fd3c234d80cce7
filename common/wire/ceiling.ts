import { once } from 'node:events';
import type { Ceiling, CeilingQuestion } from '../../model/record.js';
import { perSecond } from '../../model/record.js';
import { BenchError } from '../cli/errors.js';
import { Child } from '../process/child.js';
import type { LoadContext, LoadMessage } from '../process/protocol.js';
import { type Site, scriptOn, type Topology } from './topology.js';

const durationNs = 150e6;
const graceMs = 2000;
/** Far more than it takes. */
const limitMs = 20_000;
/** What all ceilings have in common. */
const fixed = {
  leader: 'itself',
  port: 1233,
  functionId: 'echo',
  replyAddresses: 'swapped',
  sharing: 'exclusive',
  warmupNs: 0,
  durationNs,
  sampleIntervalNs: 1e9,
} as const;

/**
 * What an engine can send over a wire with nobody at its end but a program that counts them, and checks them as
 * replies are checked. On veth that program runs on the generator's CPU: the two figures are what it can do at once.
 * Several clients send at the same time. Rejects with what kept one from sending. `script`: the compiled entry point of
 * a load generator.
 */
export async function measureCeiling(
  wire: Topology,
  question: CeilingQuestion,
  script: string,
  interrupt: AbortSignal,
): Promise<Ceiling> {
  const { timed, checkEvery } = question;
  const contextOf = (client: Site, cpus: number[], load: LoadContext['load']) => ({
    ...{ ...question, load, cpus, client, server: wire.server },
    ...fixed,
  });
  const sink = startSession(wire.server, script, contextOf(wire.clients[0], [], { kind: 'sink', checkEvery }));
  const floods = wire.clients.map((client, index) =>
    startSession(client, script, contextOf(client, question.cpus[index] ?? [], { kind: 'flood', timed, checkEvery })),
  );
  const ending = AbortSignal.any([interrupt, AbortSignal.timeout(limitMs)]);
  const trouble = once(ending, 'abort').then(() => {
    throw new BenchError('TIMEOUT', `a ceiling was not measured in ${limitMs / 1e3} s`);
  });
  trouble.catch(() => {}); // Between two races nobody listens; the next one still sees it.
  try {
    return await Promise.race([exchange(sink, floods, question), trouble]);
  } finally {
    await Promise.all([sink, ...floods].map((session) => session.end(graceMs)));
  }
}

async function exchange(
  sink: Child<LoadMessage>,
  floods: readonly Child<LoadMessage>[],
  question: CeilingQuestion,
): Promise<Ceiling> {
  await Promise.all([sink, ...floods].map((session) => session.expect('ready')));
  sink.command({ type: 'start' });
  await sink.expect('phase');
  for (const flood of floods) flood.command({ type: 'start' });
  const sent = await Promise.race([Promise.all(floods.map(sentBy)), sink.failure()]);
  sink.command({ type: 'stop' });
  const { totals: taken } = await sink.expect('done');
  const sum = (of: (one: Sent) => number) => sent.reduce((total, one) => total + of(one), 0);
  const sentPerSecond = sum((one) => one.perSecond);
  const share =
    (taken.generator.replied ?? 0) /
    Math.max(
      1,
      sum(({ count }) => count),
    );
  return { ...question, sentPerSecond, countedPerSecond: sentPerSecond * Math.min(1, share) };
}

/** What a flood sent: in its best window, and in all. */
interface Sent {
  perSecond: number;
  count: number;
}

async function sentBy(flood: Child<LoadMessage>): Promise<Sent> {
  const { totals } = await flood.expect('done');
  const { window } = await flood.expect('window');
  return { perSecond: perSecond(window, window.sent), count: totals.generator.sent ?? 0 };
}

/** A load generator's process at one end of a wire. */
export function startSession(site: Site, script: string, context: LoadContext): Child<LoadMessage> {
  const words = [...site.enter, ...scriptOn(site, script), '--session'];
  return new Child<LoadMessage>(`${context.load.kind} of ${context.engine}`, words, context, () => {});
}
