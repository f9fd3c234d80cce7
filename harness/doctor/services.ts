import { isOrphan } from '../../common/wire/owner.js';
import { tickNs } from '../measure/cpu-time.js';
import { type Finding, finding } from './finding.js';
import type { View } from './view.js';

/** What else runs on the machine, and what ran before and was killed. */
export function checkServices(view: View): Finding[] {
  return [irqbalance(view), busy(view), leftovers(view)];
}

function irqbalance({ text, watched, interfaces }: View): Finding {
  const why = 'It moves the interrupts of a card from CPU to CPU while a run measures.';
  const found = watched.processes.find(({ name }) => name === 'irqbalance');
  if (found === undefined) return finding('irqbalance', why, { level: 'fine', state: 'does not run' });
  if (/\) T /.test(text(`/proc/${found.pid}/stat`) ?? ''))
    return finding('irqbalance', why, { level: 'fine', state: `stopped (process ${found.pid})` });
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

function leftovers({ list, leftTuning }: View): Finding {
  const why =
    'The next run undoes and removes them; until then namespaces take memory, and what runs beside has the settings.';
  const namespaces = list('/run/netns').filter(isOrphan);
  const settings = typeof leftTuning === 'string' ? [] : leftTuning;
  const state = [
    ...(namespaces.length > 0 ? [`namespaces of dead runs: ${namespaces.join(', ')}`] : []),
    ...(settings.length > 0 ? [`settings of dead runs: ${settings.join(', ')}`] : []),
  ].join('; ');
  if (state !== '') {
    const remedy = 'npm run doctor -- --clean';
    return finding('leftovers', why, { level: 'could-be-better', state, remedy });
  }
  if (typeof leftTuning === 'string') return finding('leftovers', why, { level: 'not-told', state: leftTuning });
  return finding('leftovers', why, { level: 'fine', state: 'nothing of a dead run' });
}

/** A process at one moment. */
export interface ProcessReading {
  pid: number;
  parent: number;
  /** As the kernel names it, up to 15 characters. */
  name: string;
  /** CPU time since its start. */
  ns: number;
}

/** What a process used of one CPU between two readings, 0..1 and above where it has several threads. */
export interface ProcessUse {
  pid: number;
  name: string;
  share: number;
}

/** Texts and folders of a host, as a view has them. */
interface Files {
  text(path: string): string | null;
  list(folder: string): string[];
}

/** All processes but this one, those that started it, and those that it started. */
export function readProcesses({ text, list }: Files): ProcessReading[] {
  const all = list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = text(`/proc/${pid}/stat`);
      return stat === null ? [] : [parseStat(stat)];
    });
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const ours = new Set<number>();
  for (let pid: number | undefined = process.pid; pid && !ours.has(pid); pid = parents.get(pid)) ours.add(pid);
  return all.filter(({ pid, parent }) => !ours.has(pid) && parent !== process.pid);
}

function parseStat(stat: string): ProcessReading {
  // The second field is the command in brackets, which may hold spaces and brackets.
  const [open, close] = [stat.indexOf('('), stat.lastIndexOf(')')];
  const fields = stat.slice(close + 2).split(' ');
  return {
    pid: Number(stat.slice(0, open)),
    name: stat.slice(open + 1, close),
    parent: Number(fields[1]),
    ns: (Number(fields[11]) + Number(fields[12])) * tickNs,
  };
}

/** Of those that were there at both times, the busiest first. */
export function usesBetween(
  before: readonly ProcessReading[],
  after: readonly ProcessReading[],
  elapsedNs: number,
): ProcessUse[] {
  const earlier = new Map(before.map(({ pid, ns }) => [pid, ns]));
  return after
    .flatMap(({ pid, name, ns }) => {
      const then = earlier.get(pid);
      return then === undefined ? [] : [{ pid, name, share: (ns - then) / elapsedNs }];
    })
    .sort((a, b) => b.share - a.share);
}
