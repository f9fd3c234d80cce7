import { formatCpuList } from '../../common/cli/cpu-list.js';
import { turboFiles } from '../tuning/files.js';
import { onlineCpus } from './cpus.js';
import { type Finding, finding, notToldHere } from './finding.js';
import type { View } from './view.js';

const system = '/sys/devices/system/cpu';

/** What saves power, and makes a CPU as fast as it was busy before. */
export function checkPower(view: View): Finding[] {
  return [governor(view), turbo(view), idleStates(view)];
}

/** What a guest does not see is not missing: it is decided elsewhere. */
function unseen(id: string, why: string, { hypervisor }: View): Finding {
  if (hypervisor === 'none') return finding(id, why, notToldHere);
  return finding(id, why, { level: 'not-told', state: 'the hypervisor decides' });
}

function governor(view: View): Finding {
  const why = 'A CPU that was idle is slow at first, so a figure depends on what ran before it.';
  const cpusOf = new Map<string, number[]>();
  const policies = view.list(`${system}/cpufreq`).filter((entry) => /^policy\d+$/.test(entry));
  for (const policy of policies) {
    const name = view.text(`${system}/cpufreq/${policy}/scaling_governor`);
    const cpus = (view.text(`${system}/cpufreq/${policy}/affected_cpus`) ?? '').split(' ').filter(Boolean).map(Number);
    if (name !== null) cpusOf.set(name, [...(cpusOf.get(name) ?? []), ...cpus]);
  }
  if (cpusOf.size === 0) return unseen('governor', why, view);
  const state = [...cpusOf].map(([name, cpus]) => `${name} on CPUs ${formatCpuList(cpus)}`).join(', ');
  if ([...cpusOf.keys()].every((name) => name === 'performance'))
    return finding('governor', why, { level: 'fine', state });
  return finding('governor', why, {
    level: 'not-trusted',
    state,
    remedy: `echo performance | tee ${system}/cpufreq/policy*/scaling_governor`,
  });
}

function turbo(view: View): Finding {
  const why = 'How far a CPU exceeds its base frequency depends on its heat and on how many others are busy.';
  const found = turboFiles.find(({ path }) => view.text(path) !== null);
  if (found === undefined) return unseen('turbo', why, view);
  if (view.text(found.path) !== found.on) return finding('turbo', why, { level: 'fine', state: 'off' });
  return finding('turbo', why, { level: 'could-be-better', state: 'on', remedy: `echo ${found.off} > ${found.path}` });
}

/** Waking up from deeper states takes as long as a whole round trip on a wire without a card does. */
export const longestWakeUs = 10;

function idleStates(view: View): Finding {
  const why = 'The first request after a pause waits until its CPU has woken up.';
  const all = onlineCpus(view).flatMap((cpu) => statesOf(view, cpu));
  if (all.length === 0) return unseen('idle-states', why, view);
  const enabled = all.filter(({ disabled }) => !disabled);
  const deep = enabled.filter(({ wakeUs }) => wakeUs > longestWakeUs);
  const deepest = enabled.toSorted((a, b) => b.wakeUs - a.wakeUs)[0];
  const state =
    deepest === undefined ? 'all off' : `down to ${deepest.name}, which takes ${deepest.wakeUs} µs to leave`;
  if (deep.length === 0) return finding('idle-states', why, { level: 'fine', state });
  const numbers = [...new Set(deep.map(({ number }) => number))].sort((a, b) => a - b);
  const glob = numbers.length === 1 ? numbers[0] : `[${numbers.join('')}]`;
  return finding('idle-states', why, {
    level: 'not-trusted',
    state,
    remedy: `echo 1 | tee ${system}/cpu*/cpuidle/state${glob}/disable`,
  });
}

function statesOf({ text, list }: View, cpu: number) {
  const folder = `${system}/cpu${cpu}/cpuidle`;
  return list(folder).flatMap((entry) => {
    const [, number] = /^state(\d)$/.exec(entry) ?? [];
    const read = (name: string) => text(`${folder}/${entry}/${name}`);
    const [name, wake] = [read('name'), read('latency')];
    if (number === undefined || name === null || wake === null) return [];
    return [{ number: Number(number), name, wakeUs: Number(wake), disabled: read('disable') === '1' }];
  });
}
