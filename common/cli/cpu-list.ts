import { BenchError } from './errors.js';

/** CPU numbers, ascending, from the kernel's `0-3,5`; blank is no CPU; BenchError `bad-cpu-list` for anything else. */
export function parseCpuList(text: string): number[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const cpus = trimmed.split(',').flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || last < first)
      throw new BenchError('bad-cpu-list', `${JSON.stringify(trimmed)} is not a list of CPUs`);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return [...new Set(cpus)].sort((a, b) => a - b);
}

/** The inverse of parseCpuList: `0-3,5`. */
export function formatCpuList(cpus: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const cpu of [...new Set(cpus)].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && run[1] === cpu - 1) run[1] = cpu;
    else runs.push([cpu, cpu]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
