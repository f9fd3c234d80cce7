import { BenchError, toRunError } from '../../common/cli/errors.js';
import { childScripts } from '../../common/process/paths.js';
import { measureCeiling } from '../../common/wire/ceiling.js';
import { veth } from '../../common/wire/veth.js';
import type { Ceiling, CeilingQuestion } from '../../model/record.js';
import type { CalibrationRequest } from './options.js';

/** Frame sizes in bytes: the smallest with a stamp, those of the published experiment's ends, the largest. */
const sizes = [60, 200, 800, 1400, 1514];
const columns = [10, 7, 14, 14, 10];

const row = (...words: string[]) =>
  words.map((word, i) => (i === 0 ? word.padEnd(10) : word.padStart(columns[i] ?? 0))).join('');
const thousands = (perSecond: number) => (perSecond / 1e3).toFixed(1);

/**
 * Measures over a virtual wire of its own, without an invoker, what each engine can send and a program at the wire's end
 * can check and count meanwhile; a line each. `cpus`: one a thread of an engine. An engine that the host does not grant
 * has a line that says why; rejects with BenchError ENGINE if it grants none.
 */
export async function calibrate(
  { engines, checkEvery }: CalibrationRequest,
  cpus: number[],
  interrupt: AbortSignal,
  say: (line: string) => Promise<void>,
): Promise<void> {
  await veth.clean();
  await say(checkEvery === 0 ? 'neither stamped nor checked' : `stamped, content of 1 in ${checkEvery} checked`);
  await say(row('engine', 'bytes', 'sent 1000/s', 'counted', 'Gbit/s'));
  let measured = 0;
  for (const engine of engines) {
    for (const packetBytes of sizes) {
      if (interrupt.aborted) return;
      try {
        const { sentPerSecond, countedPerSecond } = await measure(
          { engine, packetBytes, queues: 1, cpus: [cpus], timed: false, checkEvery },
          interrupt,
        );
        const gigabits = ((sentPerSecond * packetBytes * 8) / 1e9).toFixed(2);
        await say(row(engine, String(packetBytes), thousands(sentPerSecond), thousands(countedPerSecond), gigabits));
        measured++;
      } catch (error) {
        if (interrupt.aborted) return;
        await say(`${engine}: ${toRunError(error).message}`);
        break;
      }
    }
  }
  if (measured === 0) throw new BenchError('ENGINE', 'nothing could be measured');
}

async function measure(question: CeilingQuestion, interrupt: AbortSignal): Promise<Ceiling> {
  const wire = await veth.build(question.queues);
  try {
    return await measureCeiling(wire, question, childScripts.generator, interrupt);
  } finally {
    await wire.destroy();
  }
}
