import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';
import { refuseTwice } from '../../common/cli/values.js';
import type { CpuRoles } from '../../model/cell.js';

const roles = ['server', 'client', 'irq'] as const;
/** The highest number that a Linux of today gives to a CPU. */
const maxCpu = 8191;

export const anyCpus: CpuRoles = { any: null, server: null, client: null, irq: null };

/**
 * CPUs by role from `2-5,7`, `server=2-5,7,client=8` or `0-1,server=2-5`: `ROLE=` begins the list of a role, a part
 * without it goes on with the list before it, and the list before the first role is for all that has none of its own.
 */
export function parseCpuRoles(option: string, text: string): CpuRoles {
  const lists: { role: keyof CpuRoles; parts: string[] }[] = [];
  for (const part of text.split(',')) {
    const [, name, cpus] = /^\s*([^=]*)=(.*)$/.exec(part) ?? [];
    const role = roles.find((known) => known === name);
    const last = lists.at(-1);
    if (name !== undefined && role === undefined)
      throw new UsageError(`${option}: ${quote(name)} is not one of ${roles.join(', ')}`);
    if (role !== undefined) lists.push({ role, parts: [cpus ?? ''] });
    else if (last) last.parts.push(part);
    else lists.push({ role: 'any', parts: [part] });
  }
  refuseTwice(
    option,
    lists.map(({ role }) => role),
  );
  const parsed = lists.map(({ role, parts }) => {
    const list = parseCpus(role === 'any' ? option : `${option}: ${role}`, parts.join(','));
    return [role, [...new Set(list)].sort((a, b) => a - b)];
  });
  return { ...anyCpus, ...Object.fromEntries(parsed) };
}

/** CPU numbers in the order of the text, `11,9` or `2-5,7`; a CPU may stand in it twice. */
export function parseCpus(option: string, text: string): number[] {
  return text.split(',').flatMap((part) => {
    const match = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part);
    const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (!match || last < first || last > maxCpu)
      throw new UsageError(`${option}: ${quote(text)} is not a list of CPUs such as 2-5,7`);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
