import { expect, it } from 'vitest';
import { liftPrologue, liftRun } from '../../../harness/store/lift.js';
import { schemaVersion } from '../../../model/record.js';

/** What version 8 added to a cell. */
const added = { tuning: {}, placement: { housekeepingCpu: 3, irqCpus: [], clientHousekeepingCpu: 3 } };
const cell = { id: 'afxdp', placement: { housekeepingCpu: 3 } };

it('until version 7 a run was on one host, without interrupts, and nobody set host and interface', () => {
  const told = { cpu: [{ cpu: 1 }], foreign: [], quota: { cpus: 2 } };
  expect(liftRun({ schemaVersion: 7, state: 'completed', cell, ...told })).toEqual({
    ...{ schemaVersion, state: 'completed', cell: { ...cell, ...added } },
    ...{ cpu: [{ host: 'one', cpu: 1 }], foreign: [], quota: { host: 'one', cpus: 2 } },
  });
});

it('until version 7 a question knew of no ends, no roles of CPUs and no tuning', () => {
  const variant = { idle: null, settings: {} };
  const scenario = { name: 'a', variants: [variant], cpus: [1, 2], generatorCpus: [1] };
  expect(liftPrologue({ schemaVersion: 7, scenario, plan: [{ state: 'runnable', cell }] })).toEqual({
    schemaVersion,
    clientHost: null,
    scenario: {
      ...{ name: 'a', tuning: {}, variants: [{ ...variant, tuning: {} }], sides: null, cards: null, pinned: [] },
      cpus: { any: [1, 2], server: null, client: [1], irq: null },
    },
    plan: [{ state: 'runnable', cell: { ...cell, ...added } }],
  });
});
