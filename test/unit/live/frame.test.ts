import { describe, expect, it } from 'vitest';
import { renderFrame, sparkline } from '../../../harness/live/frame.js';
import type { PlannedCell } from '../../../model/cell.js';
import { FakeLive, fakePlan, planOf50, planOf2000 } from '../../fakes/live.js';
import { fakeCompleted, fakeFailed } from '../../fakes/runs.js';

/** After a run of each third cell, while another is measured. */
function halfway(plan: PlannedCell[]): FakeLive {
  const fake = new FakeLive(plan);
  plan.forEach(({ cell }, index) => {
    if (index % 3 === 0) fake.run(fakeCompleted(cell, 62_400));
  });
  const { cell } = plan[Math.floor(plan.length * 0.7)] as PlannedCell;
  fake.tell({ type: 'began', cell, repeat: 0 }).tell({ type: 'phase', phase: 'measure' }, 2e9);
  fake.samples('generator', { replied: 0 }, { replied: 100_000 }, { replied: 300_000 });
  return fake.tell({
    type: 'recorded',
    piece: {
      beginNs: 0,
      endNs: 1e9,
      histogram: [
        [16_600, 10_000],
        [43_100, 200],
      ],
    },
  });
}

const screens: [columns: number, rows: number][] = [
  [60, 24],
  [80, 24],
  [200, 60],
  [80, 8],
  [20, 3],
];
const plans: [string, () => PlannedCell[]][] = [
  ['50', planOf50],
  ['2,000', planOf2000],
];

describe.each(plans)('a frame of %s cells', (_, planOf) => {
  it.each(screens)('fits %i columns and %i rows, three quarters of them', (columns, rows) => {
    const frame = renderFrame(halfway(planOf()).live.state(), { columns, rows }, 'plain');
    expect(Math.max(...frame.map((line) => line.length))).toBeLessThan(columns);
    expect(frame.length).toBeLessThanOrEqual(Math.max(1, (rows * 3) / 4));
    expect(frame.join('\n')).not.toMatch(/NaN|undefined|Infinity/);
  });

  it.each([60, 80, 200])('shows the cell under way at %i columns', (columns) => {
    const frame = renderFrame(halfway(planOf()).live.state(), { columns, rows: 24 }, 'plain');
    // Beside the line that names it, and the legend.
    expect(frame.filter((line) => /^[a-z][^>]*[·█]*>/.test(line))).toHaveLength(1);
  });
});

it('is this at 80 columns', () => {
  const plan = fakePlan(
    ['dgram', 'afxdp'],
    [
      {
        load: { kind: 'saturate' },
        points: [
          [1, 1],
          [2, 2],
        ],
        sizes: [200, 800, 1400],
      },
      { load: { kind: 'closed', connections: 4 }, points: [[1, 1]], sizes: [800] },
    ],
  );
  const fake = new FakeLive(plan);
  const [first, second, third] = plan.map(({ cell }) => cell);
  if (!first || !second || !third) throw new Error('a plan without cells');
  fake.run(fakeCompleted(first, 62_400)).run(fakeFailed(second, 'PROBE', 'no answer'));
  fake.tell({ type: 'began', cell: third, repeat: 0 }).tell({ type: 'phase', phase: 'ramp' }, 2e9);
  fake.samples('generator', { replied: 0 }, { replied: 100_000 }, { replied: 300_000 });
  expect(renderFrame(fake.live.state(), { columns: 80, rows: 30 }, 'plain')).toEqual([
    expect.stringMatching(/^█+░+ {2}2\/14 runs, \d+ s left {2}quick$/),
    '> dgram-1T1Q-1400-reverse-saturate-  run 1 of 1, ramp, 2 s',
    'replies/s  1.00M  ▅█',
    'last       dgram-1T1Q-800-reverse-saturate-: failed: no answer',
    '',
    '       saturate    closed=4',
    '       1T1Q 2T2Q   1T1Q    ',
    'dgram  █×>  ···    ·',
    'afxdp  ···  ···    ·',
    '· 11 to come  > 1 now  █ 1 all runs  × 1 failed',
  ]);
});

it('has colours only where they are asked for', () => {
  const state = halfway(planOf50()).live.state();
  const size = { columns: 80, rows: 24 };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const codes = /\u001b\[\d+m/g;
  const coloured = renderFrame(state, size, 'ansi');
  expect(coloured.join('')).toMatch(codes);
  expect(coloured.map((line) => line.replace(codes, ''))).toEqual(renderFrame(state, size, 'plain'));
});

it('says that a terminal without room has none', () => {
  expect(renderFrame(halfway(planOf50()).live.state(), { columns: 80, rows: 1 }, 'plain')).toHaveLength(1);
});

describe('a sparkline', () => {
  it.each<[(number | null)[], string]>([
    [[], ''],
    [[0, 0], '▁▁'],
    [[0, 50, 100], '▁▅█'],
    [[null, 5, null], ' █ '],
    [[-1, 7], '▁█'],
  ])('of %j is %j', (values, line) => expect(sparkline(values)).toBe(line));
});
