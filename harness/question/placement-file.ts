import { z } from 'zod';
import { UsageError } from '../../common/cli/errors.js';
import { count } from '../../common/cli/text.js';
import { matrixLabel, type PinnedPoint } from '../../model/cell.js';
import { parseImplementations, parseMatrix } from './axes.js';
import { parseCpus } from './cpu-roles.js';
import { list, readYamlFile, scalar } from './yaml-file.js';

const entryShape = z.strictObject(
  {
    matrix: list,
    implementations: list.optional(),
    invoker: list,
    generator: list.optional(),
    irq: list.optional(),
    harness: scalar.optional(),
  },
  { error: 'a mapping with keys such as matrix and invoker' },
);
const fileShape = z
  .array(entryShape, { error: 'a list of placements, each with the keys matrix and invoker' })
  .min(1, { error: 'a list of one placement or more' });

/** Reads and checks a placement file; throws UsageError that names file and key, or line. */
export function readPlacementFile(path: string, readFile: (path: string) => string): PinnedPoint[] {
  const entries = readYamlFile('placement', path, readFile, fileShape, () => Object.keys(entryShape.shape));
  const points = entries.flatMap((entry, index) => readEntry(entry, `placement ${path}: [${index}]`));
  const seen = new Set<string>();
  for (const point of points) {
    const name = `${point.implementation ?? 'every implementation'} at ${matrixLabel(point)}`;
    if (seen.has(name)) throw new UsageError(`placement ${path}: ${name} has two placements`);
    seen.add(name);
  }
  return points;
}

/** One point for each implementation and matrix point that the entry names. */
function readEntry(entry: z.infer<typeof entryShape>, at: string): PinnedPoint[] {
  const implementations =
    entry.implementations === undefined ? [null] : parseImplementations(`${at}.implementations`, entry.implementations);
  const cpusOf = (key: 'invoker' | 'generator' | 'irq') =>
    entry[key] === undefined ? null : parseCpus(`${at}.${key}`, entry[key]);
  const [housekeepingCpu = null, ...more] =
    entry.harness === undefined ? [] : parseCpus(`${at}.harness`, entry.harness);
  if (more.length > 0) throw new UsageError(`${at}.harness: takes one CPU, not ${entry.harness}`);
  return parseMatrix(`${at}.matrix`, entry.matrix).flatMap((point) => {
    const needs = (key: 'invoker' | 'irq', number: number, noun: string) => {
      const cpus = cpusOf(key);
      if (cpus !== null && cpus.length !== number)
        throw new UsageError(
          `${at}.${key}: ${count(cpus.length, 'CPU')} for ${count(number, noun)} of ${matrixLabel(point)}`,
        );
      return cpus;
    };
    const cpus = {
      invokerCpus: needs('invoker', point.threads, 'thread') ?? [],
      generatorCpus: cpusOf('generator'),
      irqCpus: needs('irq', point.queues, 'queue'),
      housekeepingCpu,
    };
    return implementations.map((implementation) => ({ implementation, ...point, ...cpus }));
  });
}
