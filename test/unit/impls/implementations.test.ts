import { describe, expect, it } from 'vitest';
import { chartsOf } from '../../../harness/report/charts/charts.js';
import { renderTerminal } from '../../../harness/report/terminal.js';
import { abilities } from '../../../impls/abilities.js';
import { implementations } from '../../../impls/table.js';
import { implementationIds } from '../../../model/ids.js';
import { fakeCell, fakeLatencyCell, fakeRestCell, fakeSummary, sizes } from '../../fakes/summary.js';

/** A run of every implementation there is. */
function summaryOfAll() {
  const point = { threads: 1, queues: 1 };
  const { scenario } = fakeSummary();
  return fakeSummary({
    scenario: { ...scenario, implementations: [...implementationIds] },
    cells: implementationIds.flatMap((impl, i) => [
      ...sizes.map((size) => fakeCell(impl, point, size, 1e6 + i)),
      fakeLatencyCell(impl),
      fakeRestCell(impl),
    ]),
  });
}

describe('abilities', () => {
  it.each(implementationIds)('of %s name the settings that it has', (id) =>
    expect([...abilities[id].settings].sort()).toEqual(Object.keys(implementations[id].settings).sort()),
  );
});

describe('a report of every implementation', () => {
  it.each(chartsOf(summaryOfAll(), null))('tells all lines of $name apart, with and without colour', ({ config }) => {
    const { datasets } = config.data;
    expect(datasets.map(({ label }) => label?.split(' ')[0])).toEqual([...implementationIds]);
    for (const look of ['borderColor', 'pointStyle', 'borderDash'] as const) {
      expect(new Set(datasets.map((dataset) => JSON.stringify(dataset[look]))).size, look).toBe(datasets.length);
    }
  });

  it('fits a terminal of 80 columns', () => {
    const lines = renderTerminal(summaryOfAll(), { colour: 'plain', reference: null, width: 80 }).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    for (const id of implementationIds)
      expect(
        lines.some((line) => line.startsWith(`${id} 1T1Q`)),
        id,
      ).toBe(true);
  });
});
