import { expect, it } from 'vitest';
import { liftPrologue, liftRun, liftTurn } from '../../../harness/store/lift.js';
import { schemaVersion } from '../../../model/record.js';

const cell = { id: 'afxdp', placement: { generatorCpus: [1], housekeepingCpu: 3 } };
/** What versions 8 and 9 made of it. */
const placement = { clients: [{ generatorCpus: [1], housekeepingCpu: 3 }], housekeepingCpu: 3, irqCpus: [] };
/** What versions 10 and 11 did. */
const timeline = { roundTrips: [], hosts: [] };
const energy: never[] = [];
const lifted = { id: 'afxdp', tuning: {}, placement };

it('until version 7 a run was on one host, without interrupts, and nobody set host and interface', () => {
  const told = { cpu: [{ cpu: 1 }], foreign: [], quota: { cpus: 2 } };
  expect(liftRun({ schemaVersion: 7, state: 'completed', cell, ...told })).toEqual({
    ...{ schemaVersion, state: 'completed', cell: lifted, clients: [], timeline, energy },
    ...{ cpu: [{ host: 'one', cpu: 1 }], foreign: [], quota: { host: 'one', cpus: 2 } },
  });
});

it('until version 7 a question knew of no ends, no roles of CPUs and no tuning', () => {
  const variant = { idle: null, settings: {} };
  const scenario = { name: 'a', variants: [variant], cpus: [1, 2], generatorCpus: [1] };
  expect(liftPrologue({ schemaVersion: 7, scenario, plan: [{ state: 'runnable', cell }] })).toEqual({
    schemaVersion,
    clientHosts: [],
    scenario: {
      ...{ name: 'a', tuning: {}, variants: [{ ...variant, tuning: {} }], sides: null, cards: null, pinned: [] },
      cpus: { any: [1, 2], server: null, client: [1], irq: null },
    },
    plan: [{ state: 'runnable', cell: lifted }],
  });
});

it('until version 8 there was one client', () => {
  const sides = { server: { target: 'a' }, client: { target: 'b' } };
  const placed = { generatorCpus: [1], invokerCpus: [2], housekeepingCpu: 3, clientHousekeepingCpu: 4 };
  const old = { ...cell, placement: placed };
  const now = {
    ...cell,
    placement: { clients: [{ generatorCpus: [1], housekeepingCpu: 4 }], invokerCpus: [2], housekeepingCpu: 3 },
  };
  const ceiling = { engine: 'live', cpus: [1] };
  const prologue = { schemaVersion: 8, scenario: { name: 'a', sides }, clientHost: { cpuModel: 'x' } };
  expect(liftPrologue({ ...prologue, plan: [{ state: 'runnable', cell: old }], ceilings: [ceiling] })).toEqual({
    schemaVersion,
    scenario: { name: 'a', sides: { server: { target: 'a' }, clients: [{ target: 'b' }] } },
    clientHosts: [{ cpuModel: 'x' }],
    plan: [{ state: 'runnable', cell: now }],
    ceilings: [{ engine: 'live', cpus: [[1]] }],
  });
  const run = { schemaVersion: 8, state: 'completed', cell: old };
  expect(liftRun(run)).toEqual({ schemaVersion, state: 'completed', cell: now, clients: [], timeline, energy });
  expect(liftTurn({ schemaVersion: 8, turn: 0, run })).toMatchObject({
    schemaVersion,
    run: { clients: [], timeline, energy },
  });
});

it('until version 9 all loads ran over the same implementations and variants', () => {
  const plan = { load: { kind: 'none' }, matrix: [], sizes: [200] };
  expect(liftPrologue({ schemaVersion: 9, scenario: { name: 'a', loads: [plan] } })).toEqual({
    schemaVersion,
    scenario: { name: 'a', loads: [{ ...plan, implementations: null, variants: null }] },
  });
});

it('until version 9 a measure phase was told of as a whole', () => {
  expect(liftRun({ schemaVersion: 9, state: 'completed', cell: lifted })).toEqual({
    ...{ schemaVersion, state: 'completed', cell: lifted, timeline, energy },
  });
  expect(liftRun({ schemaVersion: 9, state: 'skipped', cell: lifted })).not.toHaveProperty('timeline');
});

it('until version 10 nobody counted energy', () => {
  expect(liftRun({ schemaVersion: 10, state: 'completed' })).toEqual({ schemaVersion, state: 'completed', energy });
  expect(liftRun({ schemaVersion: 10, state: 'failed' })).toEqual({ schemaVersion, state: 'failed' });
  expect(liftPrologue({ schemaVersion: 10, runId: 'a' })).toEqual({ schemaVersion, runId: 'a' });
});
