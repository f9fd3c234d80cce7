import { describe, expect, it } from 'vitest';
import { implementationStyles } from '../../../harness/report/charts/palette.js';
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
  it('tells them apart by colour and by point', () => {
    const styles = Object.values(implementationStyles);
    expect(Object.keys(implementationStyles)).toEqual([...implementationIds]);
    expect(new Set(styles.map(({ colour }) => colour)).size).toBe(implementationIds.length);
    expect(new Set(styles.map(({ point, rotation }) => `${point} ${rotation}`)).size).toBe(implementationIds.length);
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
