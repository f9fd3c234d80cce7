import type { Shift } from '../../model/pair.js';

const wantedCoverage = 0.95;
/** Of more turns so many choices are drawn instead of all. */
const [exactUpTo, drawn] = [16, 2 ** 16];

/**
 * How the second figure differs from the first within turns, by the randomisation test of the mean logarithm of the ratio
 * (Fisher 1935): exact up to 16 turns. The interval holds the ratios that the test does not refuse: its ends are of the
 * means of all subsets of the turns (Hartigan 1969). All figures positive; RangeError otherwise, or without a turn.
 */
export function shiftOf(turns: readonly (readonly [first: number, second: number])[]): Shift {
  const logs = turns.map(([first, second]) => Math.log(second / first));
  const odd = turns.find((_, turn) => !Number.isFinite(logs[turn]));
  if (logs.length === 0 || odd !== undefined) throw new RangeError(`no shift between ${odd ?? 'no figures'}`);
  const n = logs.length;
  const total = logs.reduce((sum, log) => sum + log, 0);
  const { sums, counts } = n <= exactUpTo ? allSubsets(logs) : drawnSubsets(logs);

  const size = sums.length;
  const swapped = sums.map((sum) => Math.abs(total - 2 * sum) / n).sort();
  // Sums in another order differ in their last digits.
  const asMuch = Math.abs(total / n) * (1 - 1e-9);
  const p = swapped.filter((mean) => mean >= asMuch).length / size;

  const means = sums.map((sum, index) => sum / (counts[index] as number)).filter((_, index) => counts[index] !== 0);
  means.sort();
  const cut = Math.max(1, Math.floor(((1 - wantedCoverage) / 2) * size));
  return {
    ratio: Math.exp(total / n),
    low: Math.exp(means[cut - 1] as number),
    high: Math.exp(means[means.length - cut] as number),
    confidence: 1 - (2 * cut) / size,
    p,
    noise: Math.expm1(swapped[Math.ceil(wantedCoverage * size) - 1] as number),
  };
}

/** Sum and size of each subset, the empty one among them. */
interface Subsets {
  sums: Float64Array;
  counts: Uint16Array;
}

function allSubsets(values: readonly number[]): Subsets {
  const size = 2 ** values.length;
  const [sums, counts] = [new Float64Array(size), new Uint16Array(size)];
  for (let subset = 1; subset < size; subset++) {
    const rest = subset & (subset - 1);
    sums[subset] = (sums[rest] as number) + (values[31 - Math.clz32(subset ^ rest)] as number);
    counts[subset] = (counts[rest] as number) + 1;
  }
  return { sums, counts };
}

/** With each its complement; the empty one is the first. The same ones each time. */
function drawnSubsets(values: readonly number[]): Subsets {
  const [sums, counts] = [new Float64Array(drawn), new Uint16Array(drawn)];
  const total = values.reduce((sum, value) => sum + value, 0);
  let state = 1;
  for (let index = 0; index < drawn; index += 2) {
    let [sum, count] = [0, 0];
    if (index > 0) {
      for (const value of values) {
        // Marsaglia's xorshift of 32 bits.
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        if (state < 0) {
          sum += value;
          count++;
        }
      }
    }
    sums[index] = sum;
    counts[index] = count;
    sums[index + 1] = total - sum;
    counts[index + 1] = values.length - count;
  }
  return { sums, counts };
}
