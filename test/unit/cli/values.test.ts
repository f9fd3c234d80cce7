import { describe, expect, it } from 'vitest';
import { parseRate } from '../../../common/cli/values.js';

describe('parseRate', () => {
  it.each([
    ['1', 1],
    ['1.1k', 1100],
    ['0.001k', 1],
    ['1.5M', 1_500_000],
  ])('%s', (text, perSecond) => expect(parseRate('-rate', text)).toBe(perSecond));

  it.each(['0', '0.5', '1.5', '1.0001k', '-1', 'k', '1K', '1e5', ''])('refuses %j', (text) => {
    expect(() => parseRate('-rate', text)).toThrow(/^-rate: .* is not a whole number of requests a second/);
  });
});
