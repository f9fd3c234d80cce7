import { expect, it } from 'vitest';
import { describeTuning, plannedCommands } from '../../../harness/tuning/describe.js';
import { fakeRunCell } from '../../fakes/runs.js';

it('a dry run has each command on one line, from which it is copied', () => {
  const tuning = { idleStatesUpToUs: '10', channels: '4', ntupleQueue: '2', xps: '0-3+8-11+16-19' };
  const cell = fakeRunCell('recvfrom', { kind: 'closed', connections: 1 }, { tuning });
  const commands = plannedCommands(tuning, { interface: 'INTERFACE', port: cell.port });
  expect(commands).toHaveLength(4);
  expect(describeTuning([{ state: 'runnable', cell }]).slice(-4)).toEqual(commands.map((line) => `  ${line}`));
});
