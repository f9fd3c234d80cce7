import { expect, it } from 'vitest';
import { liftPrologue, liftRun } from '../../../harness/store/lift.js';
import { schemaVersion } from '../../../model/record.js';

it('until version 7 nobody set host and interface', () => {
  const cell = { id: 'afxdp' };
  expect(liftRun({ schemaVersion: 7, state: 'skipped', cell })).toEqual({
    ...{ schemaVersion, state: 'skipped', cell: { ...cell, tuning: {} } },
  });
  const variant = { idle: null, settings: {} };
  expect(
    liftPrologue({
      schemaVersion: 7,
      scenario: { name: 'a', variants: [variant] },
      plan: [{ state: 'runnable', cell }],
    }),
  ).toEqual({
    schemaVersion,
    scenario: { name: 'a', tuning: {}, variants: [{ ...variant, tuning: {} }] },
    plan: [{ state: 'runnable', cell: { ...cell, tuning: {} } }],
  });
});
