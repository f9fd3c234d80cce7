import type { LoadContext } from '../common/protocol.js';
import { pause } from './clock.js';
import { type LoadEvents, watch } from './engine.js';
import type { PacedEngine } from './paced.js';

/** Offers a constant rate for the duration, after a warm-up at the same rate. */
export async function openLoop(
  engine: PacedEngine,
  context: LoadContext,
  perSecond: number,
  events: LoadEvents,
): Promise<void> {
  events.phase('warmup');
  engine.setRate(perSecond);
  await pause(context.warmupNs);
  events.phase('measure');
  engine.record(true);
  const window = await watch(engine, 'measure', perSecond, context.durationNs);
  engine.record(false);
  events.window(window);
}
