import { describe, expect, it } from 'vitest';
import { summarise } from '../../../harness/judge/summary.js';
import { onVeth } from '../../../harness/plan/placement.js';
import { planCells } from '../../../harness/plan/plan.js';
import { parseOptions } from '../../../harness/question/options.js';
import { readScenario, type ScenarioFlags } from '../../../harness/question/scenario.js';
import { commandOf, needsPlacementFile } from '../../../harness/report/command.js';
import { cannot, variantOf } from '../../../impls/abilities.js';
import type { PlannedCell, Scenario } from '../../../model/cell.js';
import { plainHost } from '../../fakes/hosts.js';
import { fakeCompleted, plannedPrologue } from '../../fakes/runs.js';

const sources = { version: '0', readFile: () => '', randomSeed: () => 7 };

const plannedCells = (scenario: Scenario) =>
  planCells(scenario, onVeth(plainHost([0, 1, 2, 3, 4, 5, 6, 7])), { portOf: () => 1232, cannot, variantOf });

/** The words of a command line as a shell takes them apart: bare, or in single quotes. */
function words(command: string): string[] {
  return [...command.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** What the command of a cell asks for. */
function asked(scenario: Scenario, planned: PlannedCell): Scenario {
  const prologue = { ...plannedPrologue({}), scenario, plan: [planned] };
  const [cell] = summarise(prologue, [fakeCompleted(planned.cell, 1000)]).cells;
  if (!cell) throw new Error('no cell');
  const [npm, run, bench, dashes, ...flags] = words(commandOf(scenario, cell));
  expect([npm, run, bench, dashes]).toEqual(['npm', 'run', 'bench', '--']);
  const request = parseOptions(flags, sources);
  if (request.kind !== 'run') throw new Error(request.kind);
  return request.scenario;
}

/** Without the CPUs, which the host of the day has. */
const told = (planned: readonly PlannedCell[]) =>
  planned.map(({ cell: { placement: _, engine: _engine, ...cell } }) => cell);

describe('commandOf', () => {
  it.each<[string, ScenarioFlags]>([
    ['the defaults', {}],
    [
      'every load',
      { load: 'saturate,capacity,latency-under-load,rate=100k,closed=7,none', sizes: '200', impls: 'all' },
    ],
    ['settings', { impls: 'afxdp,recvmmsg', sizes: '200', axis: ['batch=8,64', 'idle=spin,poll', 'checksum=full'] }],
    ['work and a delay', { impls: 'afxdp,recvmmsg', sizes: '200', work: '0,100ns,3us', axis: ['delayNs=0,200ns'] }],
    ['what the host is set to', { sizes: '200', axis: ['channels=1,2', 'netBusyPollUs=50'], matrix: '1T1Q,2T2Q' }],
    ['phases', { sizes: '200', function: 'echo', duration: '1500ms', warmup: '0', repeats: '17' }],
    ['CPUs by role', { sizes: '200', cpus: '0-1,server=2-3,5,client=4' }],
    ['two interfaces', { sizes: '200', topology: 'nic', server: 'if=ens4', client: ['if=ens5'] }],
    [
      'several hosts',
      {
        ...{ sizes: '200', topology: 'remote', server: 'bench@[fe80::1],if=ens4,ip=10.0.0.10,in-use=ens4' },
        client: ['c1,if=a$b,ip=10.0.0.20,dir=/opt/in voker', 'c2,if=ens5,ip=10.0.0.21'],
      },
    ],
  ])('gives the cells of %s back', (_, flags) => {
    const scenario = readScenario(flags, sources);
    for (const planned of plannedCells(scenario)) {
      const again = asked(scenario, planned);
      expect(told(plannedCells(again))).toEqual(told([planned]));
      for (const key of ['repeats', 'topology', 'sides', 'cards', 'cpus'] as const)
        expect(again[key]).toEqual(scenario[key]);
    }
  });

  it('sets as an axis what the scenario file set of the host', () => {
    const scenario: Scenario = { ...readScenario({ sizes: '200' }, sources), tuning: { channels: '2', turbo: 'off' } };
    const [planned] = plannedCells(scenario) as [PlannedCell];
    const [again] = plannedCells(asked(scenario, planned)) as [PlannedCell];
    expect(again.cell.tuning).toEqual(planned.cell.tuning);
  });

  it('knows where a placement file is needed', () => {
    const prologue = plannedPrologue({ impls: 'afxdp,dgram', sizes: '200', load: 'saturate' });
    const { cells } = summarise(
      prologue,
      prologue.plan.map(({ cell }) => fakeCompleted(cell, 1000)),
    );
    const pin = { threads: 1, queues: 1, invokerCpus: [1], generatorCpus: null, irqCpus: null, housekeepingCpu: null };
    const needing = (implementation: 'afxdp' | null) =>
      cells.filter((cell) => needsPlacementFile({ ...prologue.scenario, pinned: [{ ...pin, implementation }] }, cell));
    expect(needing('afxdp').map(({ impl }) => impl)).toEqual(['afxdp']);
    expect(needing(null)).toHaveLength(2);
  });
});
