import { expect, it } from 'vitest';
import { complaint } from '../../../common/cli/complaint.js';
import { BenchError, UsageError } from '../../../common/cli/errors.js';

it.each([
  [new UsageError('--sizes: no'), 'invoker-bench: --sizes: no\n'],
  [new BenchError('BUSY', 'another benchmark runs'), 'invoker-bench: another benchmark runs\n'],
  [new TypeError('x is\nno function'), 'invoker-bench: x is\\u000ano function (DEBUG=1 prints where)\n'],
  ['bare', 'invoker-bench: bare (DEBUG=1 prints where)\n'],
])('%s is one line', (error, line) => expect(complaint(error, {})).toBe(line));

it('shows where, if it is asked to, what nobody foresaw', () => {
  const said = complaint(new TypeError('x is no function'), { DEBUG: '1' });
  expect(said).toMatch(/^invoker-bench: TypeError: x is no function\n\s+at .*complaint\.test/);
  expect(complaint(new UsageError('--sizes: no'), { DEBUG: '1' })).toBe('invoker-bench: --sizes: no\n');
});
