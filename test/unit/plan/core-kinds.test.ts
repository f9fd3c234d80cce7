import { describe, expect, it } from 'vitest';
import { readCoreKinds } from '../../../harness/plan/core-kinds.js';
import { fakeSysfs, hosts } from '../../fakes/hosts.js';

describe('readCoreKinds', () => {
  it.each<[string, string, number[], [string, number[]][]]>([
    [
      "a hybrid processor, by the kernel's devices",
      hosts.hybridLaptop,
      [0, 1, 8, 9],
      [
        ['performance cores', [0, 1]],
        ['efficiency cores', [8, 9]],
      ],
    ],
    [
      'an ARM board, by capacity',
      hosts.armBoard,
      [0, 3, 4, 7],
      [
        ['capacity 1024', [4, 7]],
        ['capacity 397', [0, 3]],
      ],
    ],
    [
      'CPUs that differ by their highest frequency alone',
      'cpus=0-1 kHz=5200000\ncpus=2-3 kHz=5000000\ncpus=4-5 kHz=3400000',
      [0, 1, 2, 3, 4, 5],
      [
        ['up to 5.2 GHz', [0, 1, 2, 3]],
        ['up to 3.4 GHz', [4, 5]],
      ],
    ],
    [
      'three capacities',
      'cpus=0 capacity=250\ncpus=1 capacity=1024\ncpus=2 capacity=700',
      [0, 1, 2],
      [
        ['capacity 1024', [1]],
        ['capacity 700', [2]],
        ['capacity 250', [0]],
      ],
    ],
    ['CPUs of one kind of a hybrid processor', hosts.hybridLaptop, [8, 9], []],
    ['a favoured core', 'cpus=0 kHz=5200000\ncpus=1 kHz=5000000', [0, 1], []],
    ['a speed that one CPU does not tell', 'cpus=0 kHz=5200000\ncpus=1', [0, 1], []],
    ['a virtual machine that tells nothing', hosts.cloud, [0, 1], []],
    ['an ARM server', hosts.armServer, [0, 1, 79], []],
  ])('%s', (_, host, cpus, kinds) => {
    expect(readCoreKinds(fakeSysfs(host), cpus).map(({ name, cpus: own }) => [name, own])).toEqual(kinds);
  });
});
