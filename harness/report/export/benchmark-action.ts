import { type Quantity, quantitiesOf, tidy } from './quantities.js';
import type { ExportFile, Subject } from './subject.js';

/**
 * Lists for github-action-benchmark, one for each of its tools: customBiggerIsBetter reads benchmark-bigger.json,
 * customSmallerIsBetter benchmark-smaller.json.
 */
export function benchmarkAction({ summary }: Subject): ExportFile[] {
  const quantities = quantitiesOf(summary);
  const files = [
    { name: 'benchmark-bigger.json', own: quantities.filter(({ better }) => better === 'more') },
    { name: 'benchmark-smaller.json', own: quantities.filter(({ better }) => better === 'less') },
  ];
  return files
    .filter(({ own }) => own.length > 0)
    .map(({ name, own }) => ({
      name,
      text: `${JSON.stringify(
        own.map((quantity) => entry(quantity, summary.runId)),
        null,
        2,
      )}\n`,
    }));
}

function entry(quantity: Quantity, runId: string) {
  const { cell, name, level, unit, value, interval } = quantity;
  const spread = interval === null || interval.confidence === 0 ? null : interval;
  const range = spread && { range: `± ${tidy(Math.max(value - spread.low, spread.high - value))}` };
  return {
    name: [cell.id, level, name].filter((part) => part !== '').join(' '),
    unit,
    value: tidy(value),
    ...(range ?? {}),
    extra: extraOf(quantity, runId),
  };
}

function extraOf({ cell, interval, bound }: Quantity, runId: string): string {
  const { repeats, engine } = cell;
  const spread = interval === null || interval.confidence === 0 ? null : interval;
  return [
    `run ${runId}`,
    `engine ${engine}`,
    `repeats ${repeats}`,
    ...(spread
      ? [`low ${tidy(spread.low)}`, `high ${tidy(spread.high)}`, `confidence ${tidy(spread.confidence)}`]
      : []),
    ...(bound === 'lower' ? ['a lower bound'] : []),
  ].join('\n');
}
