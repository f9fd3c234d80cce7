import { describe, expect, it } from 'vitest';
import { BenchError, UsageError } from '../../../common/cli/errors.js';
import { type Occupied, occupyAll } from '../../../harness/far/occupy.js';
import { ownHello } from '../../../harness/far/peer.js';
import { Captured } from '../../fakes/streams.js';

/** A host that answers to who wants it in turn: an error, or what killed runs had left. */
function host(name: string, answers: (string[] | Error)[], asked: string[] = []): Occupied {
  return {
    hello: { ...ownHello(), host: name },
    async occupy(command, remedy) {
      asked.push(`${name}: ${command}; ${remedy}`);
      const answer = answers.shift() ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

const busy = () => new BenchError('BUSY', 'h1: another benchmark runs');
const occupy = (hosts: Occupied[], how: 'refuse' | 'wait', interrupt = new AbortController().signal) => {
  const stderr = new Captured();
  return {
    stderr,
    state: occupyAll(hosts, { busy: how, words: ['npm run bench --', '--quiet'], surroundings: { stderr, interrupt } }),
  };
};

describe('hosts of a run', () => {
  it('are taken in the same order from either end, and tell what killed runs left', async () => {
    const asked: string[] = [];
    const { state, stderr } = occupy([host('b', [['rps is off again']], asked), host('a', [], asked)], 'refuse');
    expect(await state).toBe('occupied');
    const asks = (name: string) => `${name}: npm run bench -- --quiet; --wait waits for its end`;
    expect(asked).toEqual([asks('a'), asks('b')]);
    expect(stderr.lines).toEqual(['invoker-bench: left by a killed run: rps is off again']);
  });

  it('that another benchmark has refuse the run', async () => {
    await expect(occupy([host('a', [busy()])], 'refuse').state).rejects.toMatchObject({ code: 'BUSY' });
  });

  it('are waited for where that is asked, which is told once', async () => {
    const { state, stderr } = occupy([host('a', [busy(), busy()])], 'wait');
    expect(await state).toBe('occupied');
    expect(stderr.lines).toEqual(['invoker-bench: h1: another benchmark runs']);
  });

  it('are not waited for by who is interrupted, nor for another error', async () => {
    const interrupt = new AbortController();
    const { state } = occupy([host('a', new Array(9).fill(busy()))], 'wait', interrupt.signal);
    interrupt.abort();
    expect(await state).toBe('interrupted');
    await expect(occupy([host('a', [new UsageError('no')])], 'wait').state).rejects.toThrow('no');
  });
});
