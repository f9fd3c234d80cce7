import { describe, expect, it } from 'vitest';
import { expectedPairNs, planPair } from '../../../harness/plan/pair.js';
import { cannot, variantOf } from '../../../impls/abilities.js';
import type { Candidate, PairQuestion } from '../../../model/pair.js';
import { noVariant } from '../../../model/settings.js';
import { plainHost } from '../../fakes/hosts.js';
import { fakeQuestion } from '../../fakes/turns.js';

const program: Candidate = {
  kind: 'program',
  name: 'mine',
  program: { command: 'run', functionId: 'echo', replyAddresses: 'swapped', receivePath: 'own' },
};
const planOn = (cpus: number[], question: PairQuestion) => {
  const portOf = (id: string) => (id === 'echo' ? 1233 : 1232);
  return planPair(question, plainHost(cpus), { portOf, cannot, variantOf });
};
const plan = (changes: Partial<PairQuestion>) => planOn([0, 1], fakeQuestion(changes));

describe('planPair', () => {
  it('alternates the order within the turns, all sizes and controls in each', () => {
    const attempts = plan({ turns: 2, sizes: [200, 1400], controls: 1 });
    const told = attempts.map(({ turn, packetBytes, control, side }) => [turn, packetBytes, control, side].join(' '));
    expect(told).toEqual([
      ...['0 200  0', '0 200  1', '0 1400  1', '0 1400  0', '0 200 0 0', '0 200 0 1'],
      ...['1 200  1', '1 200  0', '1 1400  0', '1 1400  1', '1 200 0 1', '1 200 0 0'],
    ]);
    const nameOf = (index: number) => {
      const seat = attempts[index]?.seat;
      return seat?.kind === 'implementation' ? seat.cell.implementation : 'mine';
    };
    expect([nameOf(0), nameOf(1)]).toEqual(['afxdp', 'recvmmsg']);
    // A control is the first candidate twice.
    expect([nameOf(4), nameOf(5)]).toEqual(['afxdp', 'afxdp']);
  });

  it('runs a candidate with its settings and function', () => {
    const [first] = fakeQuestion().candidates;
    if (first.kind !== 'implementation') throw new Error(first.kind);
    const changed: Candidate = {
      ...first,
      functionId: 'echo',
      variant: { ...noVariant, idle: 'spin', settings: { batch: 8 } },
    };
    const [attempt] = plan({ candidates: [changed, program] });
    expect(attempt?.seat).toMatchObject({
      kind: 'implementation',
      cell: { settings: { batch: 8 }, idle: 'spin', port: 1233, threads: 1, queues: 1, engine: 'live' },
    });
  });

  it("gives a program an invoker's CPU and the generator its own", () => {
    const attempts = plan({ candidates: [program, program], turns: 1 });
    expect(attempts[0]?.seat).toMatchObject({
      kind: 'program',
      cell: {
        port: 1233,
        engine: 'live',
        placement: { clients: [{ generatorCpus: [0] }], invokerCpus: [1], sharing: 'exclusive' },
      },
    });
    expect(expectedPairNs(attempts)).toBeGreaterThan(expectedPairNs(plan({ turns: 1 })));
  });

  it.each([[fakeQuestion()], [fakeQuestion({ candidates: [program, program] })]])('needs two CPUs', (question) => {
    expect(() => planOn([0], question)).toThrow(/^(afxdp|mine) cannot run: this process may use only CPU 0/);
  });
});
