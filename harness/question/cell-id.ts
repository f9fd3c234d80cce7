import { withUnit } from '../../common/cli/cell-command.js';
import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';
import { parseChoice } from '../../common/cli/values.js';
import { functionIds, implementationIds } from '../../model/ids.js';
import type { PairQuestion } from '../../model/pair.js';
import { parseLoads, parseMatrix, parseSizes } from './axes.js';
import { type ImplementationCandidate, parseAssignment, parseVariant } from './candidates.js';

/** What turns are to measure: a cell's values, as its id has them. */
export interface AskedCell extends Pick<PairQuestion, 'load' | 'point'> {
  id: string;
  candidate: ImplementationCandidate;
  packetBytes: number;
}

/** `afxdp-2T2Q-200-reverse-saturate-batch=64,idle=spin` in its parts. */
const shape = /^([a-z]+(?:-[a-z]+)*)-(\d+T\d+Q)-(\d+)-([a-z\d]+)-(latency-under-load|[a-z]+(?:=[^-]+)?)(?:-(.+=.+))?$/;

/** A cell from its id, as reports print it: what turns can measure, on this host's own wire. Throws UsageError. */
export function parseCellId(option: string, text: string): AskedCell {
  const [, name, matrix, size, functionText, loadText, variantText] = shape.exec(text) ?? [];
  if (!name || !matrix || !size || !functionText || !loadText)
    throw new UsageError(`${option}: ${quote(text)} is not the id of a cell such as afxdp-1T1Q-200-reverse-saturate`);
  const implementation = parseChoice(option, name, implementationIds);
  const [point] = parseMatrix(option, matrix);
  const [packetBytes] = parseSizes(option, size);
  const functionId = parseChoice(option, functionText, functionIds);
  const [load] = parseLoads(option, loadText);
  if (!point || packetBytes === undefined || !load || !['saturate', 'closed', 'capacity'].includes(load.kind))
    throw new UsageError(`${option}: ${quote(text)}: of loads, turns measure saturate, closed=N and capacity`);
  const choices = variantText?.split(',').map(withUnit) ?? [];
  const settings = choices.map((choice) => parseAssignment(option, choice));
  const variant = parseVariant(option, text, implementation, settings);
  const candidate = { kind: 'implementation', name: implementation, implementation, functionId, variant } as const;
  return { id: text, candidate: { ...candidate, build: null }, packetBytes, load, point };
}
