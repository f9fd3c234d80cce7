import { Writable } from 'node:stream';
import type { Scenario } from '../../model/cell.js';
import { main as bench } from '../bench-command.js';
import { formatExpected } from '../plan/dry-run.js';
import type { NightRequest } from '../question/nightly-options.js';
import type { BenchSurroundings } from '../surroundings.js';
import { budgetWords, controlNs, controlWords, questionWords, turnsNs } from './commands.js';

/**
 * What a night would do, as text, and `npm run bench`'s exit code for its question: it has said why where that is not 0. Throws
 * UsageError.
 */
export async function planNight(
  request: NightRequest,
  question: Scenario,
  surroundings: BenchSurroundings,
): Promise<{ code: number; text: string }> {
  const words = [...questionWords(request), ...budgetWords(request, question)];
  let plan = '';
  const stdout = new Writable({
    write(chunk, _, done) {
      plan += chunk;
      done();
    },
  });
  const code = await bench([...words, '--dry-run'], { ...surroundings, stdout });
  const control = controlWords(request, question);
  const about = formatExpected(controlNs(request, question));
  const turnNs = turnsNs(request, question);
  const text = [
    `npm run bench -- ${words.join(' ')}`,
    plan,
    control === null ? notControlled : `npm run compare -- ${control.join(' ')}\nExpected time ${about}.`,
    ...(turnNs === 0 ? [] : [`Turns with another build: expected time at most ${formatExpected(turnNs)}.`]),
    '',
  ].join('\n');
  return { code, text };
}

export const notControlled = 'No A/A control: turns are taken on veth only.';
