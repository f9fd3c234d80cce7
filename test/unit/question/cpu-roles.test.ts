import { describe, expect, it } from 'vitest';
import { parseCpuRoles } from '../../../harness/question/cpu-roles.js';
import { readScenario } from '../../../harness/question/scenario.js';
import type { CpuRoles } from '../../../model/cell.js';
import { messageOf } from '../../fakes/usage-message.js';

describe('parseCpuRoles', () => {
  it.each<[string, Partial<CpuRoles>]>([
    ['2-5,7', { any: [2, 3, 4, 5, 7] }],
    ['3,1,1', { any: [1, 3] }],
    ['server=2-5,client=8-11,irq=0-1', { server: [2, 3, 4, 5], client: [8, 9, 10, 11], irq: [0, 1] }],
    ['server=2-5,7,client=8', { server: [2, 3, 4, 5, 7], client: [8] }],
    ['0,6,client=2-3', { any: [0, 6], client: [2, 3] }],
    ['client=0, server=1', { server: [1], client: [0] }],
    ['server=0-1,client=0-1', { server: [0, 1], client: [0, 1] }],
  ])('%s', (text, roles) => {
    expect(parseCpuRoles('--cpus', text)).toEqual({ any: null, server: null, client: null, irq: null, ...roles });
  });

  it.each([
    ['', '--cpus: "" is not a list of CPUs such as 2-5,7'],
    ['2-5,', '--cpus: 2-5, is not a list of CPUs such as 2-5,7'],
    ['5-2', '--cpus: 5-2 is not a list of CPUs such as 2-5,7'],
    ['0-8192', '--cpus: 0-8192 is not a list of CPUs such as 2-5,7'],
    ['server=', '--cpus: server: "" is not a list of CPUs such as 2-5,7'],
    ['server=2,x', '--cpus: server: 2,x is not a list of CPUs such as 2-5,7'],
    ['server=2,client=1=2', '--cpus: client: 1=2 is not a list of CPUs such as 2-5,7'],
    ['generator=2', '--cpus: generator is not one of server, client, irq'],
    ['=2', '--cpus: "" is not one of server, client, irq'],
    ['client=1,client=2', '--cpus: client is named twice'],
  ])('refuses %j', (text, message) => expect(messageOf(() => parseCpuRoles('--cpus', text))).toBe(message));
});

it('is a key of a scenario file, too, and the flag wins', () => {
  const read = (text: string, cpus?: string) =>
    readScenario({ scenario: 'quick.yaml', ...(cpus && { cpus }) }, { readFile: () => text, randomSeed: () => 1 }).cpus;
  const none = { any: null, server: null, client: null, irq: null };
  expect(read('cpus: [2-4, 7]')).toEqual({ ...none, any: [2, 3, 4, 7] });
  expect(read('cpus: 2-4,client=7')).toEqual({ ...none, any: [2, 3, 4], client: [7] });
  expect(read('cpus: [2-4, server=7]', '1')).toEqual({ ...none, any: [1] });
  expect(messageOf(() => read('cpus: serve=2', '1'))).toBe(
    'scenario quick.yaml: cpus: serve is not one of server, client, irq',
  );
});
