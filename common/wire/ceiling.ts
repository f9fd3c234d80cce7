import { once } from 'node:events';
import type { Ceiling, CeilingQuestion } from '../../model/record.js';
import { perSecond } from '../../model/record.js';
import { BenchError } from '../cli/errors.js';
import { Child } from '../process/child.js';
import type { LoadContext, LoadMessage } from '../process/protocol.js';
import { type Site, scriptOn, type Topology } from './topology.js';

const durationNs = 150e6;
const sampleIntervalNs = 1e9;
const graceMs = 2000;
/** Far more than it takes. */
const limitMs = 20_000;

/**
 * What an engine can send over a wire with nobody at its end but a program that counts them, and checks them as
 * replies are checked. On veth that program runs on the generator's CPU: the two figures are what it can do at once.
 * Rejects with what kept it from sending. `script`: the compiled entry point of a load generator.
 */
export async function measureCeiling(
  wire: Topology,
  question: CeilingQuestion,
  script: string,
  interrupt: AbortSignal,
): Promise<Ceiling> {
  const { timed, checkEvery } = question;
  const sink = startSession(wire.server, script, contextOf(wire, question, { kind: 'sink', checkEvery }));
  const flood = startSession(wire.client, script, contextOf(wire, question, { kind: 'flood', timed, checkEvery }));
  const ending = AbortSignal.any([interrupt, AbortSignal.timeout(limitMs)]);
  const trouble = once(ending, 'abort').then(() => {
    throw new BenchError('TIMEOUT', `a ceiling was not measured in ${limitMs / 1e3} s`);
  });
  trouble.catch(() => {}); // Between two races nobody listens; the next one still sees it.
  try {
    return await Promise.race([exchange(sink, flood, question), trouble]);
  } finally {
    await Promise.all([sink.end(graceMs), flood.end(graceMs)]);
  }
}

async function exchange(
  sink: Child<LoadMessage>,
  flood: Child<LoadMessage>,
  question: CeilingQuestion,
): Promise<Ceiling> {
  await Promise.all([sink.expect('ready'), flood.expect('ready')]);
  sink.command({ type: 'start' });
  await sink.expect('phase');
  flood.command({ type: 'start' });
  const { totals } = await Promise.race([flood.expect('done'), sink.failure()]);
  const { window } = await flood.expect('window');
  sink.command({ type: 'stop' });
  const { totals: taken } = await sink.expect('done');
  const sent = perSecond(window, window.sent);
  const share = (taken.generator.replied ?? 0) / Math.max(1, totals.generator.sent ?? 0);
  return { ...question, sentPerSecond: sent, countedPerSecond: sent * Math.min(1, share) };
}

/** A load generator's process at one end of a wire. */
export function startSession(site: Site, script: string, context: LoadContext): Child<LoadMessage> {
  const words = [...site.enter, ...scriptOn(site, script), '--session'];
  return new Child<LoadMessage>(`${context.load.kind} of ${context.engine}`, words, context, () => {});
}

function contextOf({ client, server }: Topology, question: CeilingQuestion, load: LoadContext['load']): LoadContext {
  return {
    ...question,
    load,
    client,
    server,
    port: 1233,
    functionId: 'echo',
    replyAddresses: 'swapped',
    sharing: 'exclusive',
    warmupNs: 0,
    durationNs,
    sampleIntervalNs,
  };
}
