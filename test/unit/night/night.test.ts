import { describe, expect, it } from 'vitest';
import { finding } from '../../../harness/doctor/finding.js';
import { summarise } from '../../../harness/judge/summary.js';
import {
  againWithin,
  budgetWords,
  controlNs,
  controlWords,
  questionWords,
  turnsNs,
} from '../../../harness/night/commands.js';
import { whyUnfit } from '../../../harness/night/fitness.js';
import { cellFaults, cellsTold, nightCodes, renderPage, renderUnjudged } from '../../../harness/night/page.js';
import { cellTurnsNs } from '../../../harness/night/turns.js';
import { expectedTotalNs } from '../../../harness/plan/plan.js';
import { fakeCompleted, fakeFailed, plannedPrologue } from '../../fakes/runs.js';

const findings = [
  finding('user', 'w', { level: 'fine', state: 'root' }),
  finding('io-uring', 'w', { level: 'cannot-run', state: 'off', remedy: null }),
  finding('other-processes', 'w', { level: 'not-trusted', state: 'busy', remedy: 'end them' }),
  finding('cpus', 'w', { level: 'could-be-better', state: 'two', remedy: 'more' }),
  finding('turbo', 'w', { level: 'not-told', state: 'the hypervisor decides' }),
];

describe('a machine', () => {
  it('is unfit by what cannot run and what is not to be trusted, unless that is accepted', () => {
    const ids = (accepted: string[]) => whyUnfit(findings, accepted).map(({ id }) => id);
    expect(ids([])).toEqual(['io-uring', 'other-processes']);
    expect(ids(['io-uring'])).toEqual(['other-processes']);
    expect(ids(['io-uring', 'other-processes', 'cpus'])).toEqual([]);
  });

  it('may have been kept from what is accepted by what is not', () => {
    const wire = [
      finding('wire/ends', 'w', { level: 'cannot-run', state: 'down', remedy: null }),
      finding('wire/trials', 'w', { level: 'not-told', state: 'nothing was tried: see wire/ends' }),
    ];
    expect(whyUnfit(wire, ['wire/queues']).map(({ id }) => id)).toEqual(['wire/ends']);
  });

  it('has no finding of that name', () => {
    expect(() => whyUnfit(findings, ['io_uring'])).toThrow(
      '--accept: io_uring is not what npm run doctor looks at here',
    );
  });
});

const { scenario: question, ...prologue } = plannedPrologue({ impls: 'dgram,recvmmsg', sizes: '200', repeats: '2' });
const remote = { ...question, topology: 'remote' as const };

describe('the commands of a night', () => {
  it('ask what it was asked', () => {
    const place = { topology: 'remote', server: 'a,if=b', client: ['c', 'd'] };
    expect(questionWords({ scenario: { path: 'q.yaml', of: 'user' }, place })).toEqual(
      '--scenario q.yaml --topology remote --server a,if=b --client c --client d'.split(' '),
    );
  });

  it('leave the control its part of the budget', () => {
    const takesNs = controlNs({ controls: 3 }, question);
    expect(takesNs).toBeGreaterThan(60e9);
    const rest = { controls: 3, history: null, against: { kind: 'last-good' }, publish: null, accept: [] } as const;
    const words = (budgetNs: number | null, changes = {}, asked = question) =>
      budgetWords({ budgetNs, ...rest, accept: [], ...changes }, asked);
    expect(words(null)).toEqual([]);
    expect(words(takesNs + 600e9)).toEqual(['--budget', '600s']);
    expect(words(600e9, {}, remote)).toEqual(['--budget', '600s']);
    expect(() => words(takesNs)).toThrow(/^--budget: A\/A control and turns take \d min \d+ s, more than /);
    // With a history they take turns with another build, too, unless nobody wants that.
    expect(words(takesNs + 600e9, { history: 'h', against: { kind: 'none' } })).toEqual(['--budget', '600s']);
    const turns = turnsNs({ history: 'h', against: { kind: 'last-good' } }, question);
    expect(turns).toBeGreaterThan(60e9);
    expect(words(takesNs + turns + 600e9, { history: 'h' })).toEqual(['--budget', '600s']);
  });

  it('measure again what the budget has time for: the first cells, each of them whole', () => {
    const ids = prologue.plan.map(({ cell }) => cell.id);
    const [first = '', second = ''] = ids;
    const within = (leftNs: number | null, turns: 'with a build' | 'none' = 'none') =>
      againWithin(ids, { plan: prologue.plan, turns }, leftNs);
    expect(ids).toHaveLength(4);
    expect(within(null)).toEqual({ cells: ids, budget: [] });
    expect(within(3600e9)).toEqual({ cells: ids, budget: ['--budget', '3600s'] });
    expect(within(3600e9, 'with a build').budget).toEqual([
      '--budget',
      `${Math.floor(3600 - (4 * cellTurnsNs) / 1e9)}s`,
    ]);
    expect(within(0).cells).toEqual([]);
    expect(within(-3600e9).cells).toEqual([]);
    const oneNs = expectedTotalNs(prologue.plan.slice(0, 1), 1);
    expect(within(oneNs + 1e9).cells).toEqual([first]);
    expect(within(oneNs + 1e9, 'with a build').cells).toEqual([]);
    expect(within(oneNs + 1e9 + cellTurnsNs, 'with a build').cells).toEqual([first]);
    const twoNs = expectedTotalNs(prologue.plan.slice(0, 2), 1);
    expect(within(twoNs + 1e9).cells).toEqual([first, second]);
  });

  it('compare an implementation with itself, where turns can be taken', () => {
    expect(controlWords({ controls: 3 }, question)?.join(' ')).toBe(
      '--pair recvmmsg/recvmmsg --aa 3 --sizes 200 --turns 6',
    );
    expect(controlWords({ controls: 3 }, { ...question, implementations: ['dgram'] })).toContain('dgram/dgram');
    expect(controlWords({ controls: 3 }, remote)).toBeNull();
  });
});

describe('the page of a night', () => {
  it('tells the cells, and each that is worth nothing', () => {
    const [first, second] = prologue.plan;
    if (!first || !second) throw new Error('no cells');
    const runs = [fakeCompleted(first.cell, 1000), fakeFailed(second.cell, 'PROBE', 'no answer')];
    const summary = summarise({ ...prologue, scenario: question }, runs);
    expect(cellsTold(summary)).toMatch(
      /^2 cells of default on veth: 1 measured, 0 skipped, 1 failed or invalid\. Commit /,
    );
    expect(cellFaults(summary)).toEqual([{ cell: second.cell.id, state: 'failed', reason: 'PROBE: no answer' }]);
  });

  it('is a list, and in the summary of a job a table of what failed', () => {
    const night = { id: 'n', outcome: 'failed', said: ['a.', 'b.'] } as const;
    const faults = [{ cell: 'c', state: 'invalid' as const, reason: 'a|b' }];
    expect(renderPage({ ...night, faults })).toBe('# Night n: failed\n\n- a.\n- b.\n- c: a|b\n');
    expect(renderUnjudged({ ...night, faults })).toBe(
      '# Night n: failed\n\n- a.\n- b.\n\n| cell | state | reason |\n| :-- | :-- | :-- |\n| c | invalid | a\\|b |\n',
    );
    expect(renderUnjudged({ ...night, faults: [] })).toBe(renderPage({ ...night, faults: [] }));
  });

  it('has the exit codes that the help promises', () => {
    expect(nightCodes).toEqual({ quiet: 0, suspicion: 0, unstable: 0, failed: 1, regression: 3, unfit: 4 });
  });
});
