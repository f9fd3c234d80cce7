import type { RoundTrips, WatchQuestion } from '../../common/process/questions.js';
import type { LoadEvents } from '../engines/engine.js';
import type { Traffic } from '../traffic/traffic.js';

/**
 * Records the round trips of the requests that are sent within a window, and ends the sending: those that end after it
 * are among them. Without a reply for `patienceNs` those that are missing are lost.
 */
export async function timeRequests(
  traffic: Traffic,
  question: WatchQuestion,
  patienceNs: number,
  events: LoadEvents,
): Promise<RoundTrips> {
  await traffic.record();
  const { window } = await traffic.watch(question);
  // While everything still runs: the harness reads the host when it hears of the window, and not before.
  events.window(window);
  return await traffic.collect(patienceNs);
}
