import { describe, expect, it } from 'vitest';
import { BenchError, toRunError, UsageError } from '../../../common/cli/errors.js';

describe('toRunError', () => {
  const systemError = Object.assign(new Error('open failed'), { code: 'ENOENT', errno: -2, syscall: 'open' });
  it.each([
    [
      'a BenchError keeps code, call and errno',
      new BenchError('xsk-bind', 'bind refused', { call: 'bind', errno: 16 }),
      { code: 'xsk-bind', message: 'bind refused', call: 'bind', errno: 16 },
    ],
    ['absent fields stay absent', new BenchError('timeout', 'too late'), { code: 'timeout', message: 'too late' }],
    [
      'a system error of Node, errno as in C',
      systemError,
      { code: 'ENOENT', message: 'open failed', call: 'open', errno: 2 },
    ],
    ['any other error', new TypeError('x is undefined'), { code: 'unexpected', message: 'x is undefined' }],
    ['a bare value', 'boom', { code: 'unexpected', message: 'boom' }],
    ['nothing at all', undefined, { code: 'unexpected', message: 'undefined' }],
  ])('%s', (_, thrown, expected) => {
    expect(toRunError(thrown)).toStrictEqual(expected);
  });

  it('keeps the cause and the names apart', () => {
    const cause = new Error('below');
    expect(new BenchError('a', 'b', { cause }).cause).toBe(cause);
    expect([new BenchError('a', 'b').name, new UsageError('c').name]).toEqual(['BenchError', 'UsageError']);
  });
});
