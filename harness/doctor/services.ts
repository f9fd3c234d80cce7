import { isOrphan } from '../../common/wire/owner.js';
import { type Finding, finding } from './finding.js';
import type { View } from './view.js';

/** What else runs on the machine, and what ran before and was killed. */
export function checkServices(view: View): Finding[] {
  return [irqbalance(view), busy(view), leftovers(view)];
}

function irqbalance({ watched, interfaces }: View): Finding {
  const why = 'It moves the interrupts of a card from CPU to CPU while a run measures.';
  const found = watched.processes.find(({ name }) => name === 'irqbalance');
  if (found === undefined) return finding('irqbalance', why, { level: 'fine', state: 'does not run' });
  return finding('irqbalance', why, {
    // The virtual wire has no interrupts; a card has.
    level: interfaces.length > 0 ? 'not-trusted' : 'could-be-better',
    state: `runs (process ${found.pid})`,
    remedy: 'systemctl stop irqbalance',
  });
}

/** As a run is judged (docs/measurement.md, Neighbours). */
const noticeable = 0.05;
const tooBusy = 0.2;
const shown = 3;

function busy({ watched }: View): Finding {
  const why =
    'What others use of a CPU is missing there: above 5 % a run warns, above 20 % on the CPU of an invoker it is invalid.';
  const busiest = watched.processes.filter(({ share }) => share > noticeable);
  const first = busiest[0];
  if (first === undefined)
    return finding('other-processes', why, { level: 'fine', state: 'none uses more than 5 % of a CPU' });
  const told = busiest.slice(0, shown).map(({ pid, name, share }) => `${name} (${pid}) ${Math.round(100 * share)} %`);
  const more = busiest.length > shown ? ` and ${busiest.length - shown} more` : '';
  return finding('other-processes', why, {
    level: first.share > tooBusy ? 'not-trusted' : 'could-be-better',
    state: `busy on a CPU: ${told.join(', ')}${more}`,
    remedy: 'end them, or keep them to other CPUs: taskset -acp 0 PID',
  });
}

function leftovers({ list }: View): Finding {
  const why = 'They take memory and are in no other way: each run makes namespaces of its own, and removes dead ones.';
  const left = list('/run/netns').filter(isOrphan);
  if (left.length === 0) return finding('leftovers', why, { level: 'fine', state: 'no namespace of a dead run' });
  return finding('leftovers', why, {
    level: 'could-be-better',
    state: `namespaces of dead runs: ${left.join(', ')}`,
    remedy: 'npm run doctor -- --clean',
  });
}
