import { describe, expect, it } from 'vitest';
import { readPlacementFile } from '../../../harness/question/placement-file.js';
import { readScenario } from '../../../harness/question/scenario.js';
import { messageOf } from '../../fakes/usage-message.js';

const read = (text: string) => readPlacementFile('mine.yaml', () => text);

describe('readPlacementFile', () => {
  const open = { implementation: null, generatorCpus: null, irqCpus: null, housekeepingCpu: null };

  it('says which CPU each thread, the interrupts of each queue and the harness get', () => {
    expect(read('- { matrix: 2T2Q, invoker: [11, 9], generator: "4,1", irq: [0, 2], harness: 6 }')).toEqual([
      {
        ...{ implementation: null, threads: 2, queues: 2, invokerCpus: [11, 9], generatorCpus: [4, 1] },
        ...{ irqCpus: [0, 2], housekeepingCpu: 6 },
      },
    ]);
  });

  it('leaves open what an entry does not say, and takes JSON', () => {
    expect(read('[{"matrix": "1T1Q", "invoker": 3}, {"matrix": "4T1Q", "invoker": "4-7"}]')).toEqual([
      { ...open, threads: 1, queues: 1, invokerCpus: [3] },
      { ...open, threads: 4, queues: 1, invokerCpus: [4, 5, 6, 7] },
    ]);
  });

  it('has an entry for each implementation and point that is named', () => {
    const points = read('- { matrix: [2T1Q, 2T2Q], implementations: [afxdp, recvmmsg], invoker: [3, 2] }');
    expect(points.map(({ implementation, threads, queues }) => `${implementation} ${threads}T${queues}Q`)).toEqual([
      ...['afxdp 2T1Q', 'recvmmsg 2T1Q', 'afxdp 2T2Q', 'recvmmsg 2T2Q'],
    ]);
  });

  it.each([
    ['{}', 'must be a list of placements, each with the keys matrix and invoker, not {}'],
    ['[]', 'must be a list of one placement or more, not []'],
    ['- 3', '[0]: must be a mapping with keys such as matrix and invoker, not 3'],
    ['- { matrix: 1T1Q }', '[0].invoker: must be text or a list of values, not absent'],
    [
      '- { matrix: 1T1Q, invoker: 1, cpu: 2 }',
      '[0].cpu: unknown key, not one of matrix, implementations, invoker, generator, irq, harness',
    ],
    ['- { matrix: 1x1, invoker: 1 }', '[0].matrix: 1x1 is not a number of threads and queues such as 2T1Q'],
    ['- { matrix: 1T1Q, invoker: a }', '[0].invoker: a is not a list of CPUs such as 2-5,7'],
    ['- { matrix: 2T1Q, invoker: 1 }', '[0].invoker: 1 CPU for 2 threads of 2T1Q'],
    ['- { matrix: 2T2Q, invoker: [1, 2], irq: 0-2 }', '[0].irq: 3 CPUs for 2 queues of 2T2Q'],
    ['- { matrix: 1T1Q, invoker: 1, harness: 2-3 }', '[0].harness: takes one CPU, not 2-3'],
    ['- { matrix: 1T1Q, invoker: 1, implementations: netmap }', /^\[0\]\.implementations: netmap is not one of /],
    ['- { matrix: [1T1Q, 1T1Q], invoker: 1 }', '[0].matrix: 1T1Q is named twice'],
    [
      '- { matrix: 1T1Q, invoker: 1 }\n- { matrix: 1T1Q, invoker: 2 }',
      'every implementation at 1T1Q has two placements',
    ],
    ['- {', /^line 1: /],
  ])('refuses %j', (text, message) => {
    const said = messageOf(() => read(text));
    expect(said.slice(0, 21)).toBe('placement mine.yaml: ');
    expect(said.slice(21)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });
});

it('is refused where it is of no point of the scenario', () => {
  const text = '- { matrix: 8T8Q, invoker: 0-7 }';
  const flags = { placement: 'mine.yaml', matrix: '1T1Q,2T2Q' };
  expect(messageOf(() => readScenario(flags, { readFile: () => text, randomSeed: () => 1 }))).toBe(
    '--placement: none of its points is asked for, which are 1T1Q, 2T2Q',
  );
});
