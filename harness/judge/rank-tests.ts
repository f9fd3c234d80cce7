/**
 * Rank tests, two-sided. Each returns the probability of what was seen, or of something rarer, where nothing differs.
 * Distributions are those of the ranks at hand, ties included: no table and no approximation for samples of the size
 * that a benchmark has.
 */

/** Above this many values in both samples together the rank sum's distribution is that of a normal variable. */
const exactUpTo = 100;

/**
 * Wilcoxon's signed-rank test of paired differences (Wilcoxon 1945), exact. Equal sizes share their mean rank; zeros are
 * ranked with the others and then left out (Pratt 1959). RangeError for none or non-finite.
 */
export function signedRankTest(differences: readonly number[]): number {
  refuseOdd(differences);
  const doubled = doubledRanks(differences.map(Math.abs));
  const ranks = doubled.filter((_, index) => differences[index] !== 0);
  const positive = doubled.reduce((sum, rank, index) => sum + ((differences[index] as number) > 0 ? rank : 0), 0);
  return twoSided(chancesOfSignedSum(ranks), positive);
}

/** The sign test of paired differences, exact; zeros are left out. RangeError for none or non-finite. */
export function signTest(differences: readonly number[]): number {
  refuseOdd(differences);
  const nonZero = differences.filter((difference) => difference !== 0);
  const ones = nonZero.map(() => 1);
  return twoSided(chancesOfSignedSum(ones), nonZero.filter((difference) => difference > 0).length);
}

/**
 * The rank-sum test of two independent samples (Mann and Whitney 1947), exact up to 100 values in all, with the normal
 * approximation corrected for ties and continuity above. RangeError for an empty sample or non-finite values.
 */
export function rankSumTest(first: readonly number[], second: readonly number[]): number {
  for (const values of [first, second]) refuseOdd(values);
  const doubled = doubledRanks([...first, ...second]);
  const sum = doubled.slice(0, first.length).reduce((total, rank) => total + rank, 0);
  if (doubled.length <= exactUpTo) return twoSided(chancesOfRankSum(doubled, first.length), sum);
  return normalRankSum(doubled, first.length, sum);
}

/**
 * The chance of each Mann-Whitney U (0 to m n) of samples of m and n values without ties; null above 100 values in all.
 */
export function chancesOfU(m: number, n: number): Float64Array | null {
  if (m + n > exactUpTo) return null;
  const doubled = Array.from({ length: m + n }, (_, index) => 2 * (index + 1));
  const chances = chancesOfRankSum(doubled, m);
  return Float64Array.from({ length: m * n + 1 }, (_, u) => chances[2 * u + m * (m + 1)] ?? 0);
}

/** p-values corrected for their number, in their order (Holm 1979): the family errs as seldom as a single test. */
export function holm(pValues: readonly number[]): number[] {
  const corrected = new Array<number>(pValues.length);
  const ascending = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  let highest = 0;
  ascending.forEach(({ p, index }, rank) => {
    highest = Math.max(highest, Math.min(1, p * (pValues.length - rank)));
    corrected[index] = highest;
  });
  return corrected;
}

/** 95 % interval of the share that `seen` of `all` stand for (Clopper and Pearson 1934), exact. */
export function binomialInterval(seen: number, all: number): { low: number; high: number } {
  // The share at which so many or more, or so few or less, are seen with 2.5 %: tails grow and shrink with it.
  const shareWhere = (isBelow: (share: number) => boolean) => {
    let [low, high] = [0, 1];
    for (let step = 0; step < 50; step++) {
      const middle = (low + high) / 2;
      if (isBelow(middle)) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return {
    low: seen === 0 ? 0 : shareWhere((share) => 1 - binomialTail(seen - 1, all, share) < 0.025),
    high: seen === all ? 1 : shareWhere((share) => binomialTail(seen, all, share) > 0.025),
  };
}

/** P(Binomial(all, share) <= most). */
function binomialTail(most: number, all: number, share: number): number {
  let tail = 0;
  // In logarithms: of large counts the first terms are 0 in a double.
  let logTerm = all * Math.log1p(-share);
  const logOdds = Math.log(share) - Math.log1p(-share);
  for (let k = 0; k <= most; k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((all - k) / (k + 1)) + logOdds;
  }
  return tail;
}

/** Twice the rank of each value, equal values sharing their mean rank: whole numbers, ties or not. */
function doubledRanks(values: readonly number[]): number[] {
  const ascending = [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number));
  const doubled = new Array<number>(values.length);
  for (let begin = 0, end = 0; begin < ascending.length; begin = end) {
    while (end < ascending.length && values[ascending[end] as number] === values[ascending[begin] as number]) end++;
    for (const index of ascending.slice(begin, end)) doubled[index] = begin + end + 1;
  }
  return doubled;
}

/** The chance of each sum of the ranks with a positive sign, every sign being as likely as the other. */
function chancesOfSignedSum(ranks: readonly number[]): Float64Array {
  const chances = new Float64Array(ranks.reduce((sum, rank) => sum + rank, 0) + 1);
  chances[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let sum = reached; sum >= 0; sum--) {
      const positive = sum >= rank ? (chances[sum - rank] as number) : 0;
      chances[sum] = ((chances[sum] as number) + positive) / 2;
    }
  }
  return chances;
}

/** The chance of each sum of `size` of the ranks, every choice being as likely as the other. */
function chancesOfRankSum(ranks: readonly number[], size: number): Float64Array {
  const largest = [...ranks].sort((a, b) => b - a).slice(0, size);
  const most = largest.reduce((sum, rank) => sum + rank, 0);
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(most + 1));
  (ways[0] as Float64Array)[0] = 1;
  ranks.forEach((rank, index) => {
    for (let chosen = Math.min(index + 1, size); chosen > 0; chosen--) {
      const [to, from] = [ways[chosen] as Float64Array, ways[chosen - 1] as Float64Array];
      for (let sum = most; sum >= rank; sum--) to[sum] = (to[sum] as number) + (from[sum - rank] as number);
    }
  });
  const whole = ways[size] as Float64Array;
  const all = whole.reduce((sum, count) => sum + count, 0);
  return whole.map((count) => count / all);
}

/** Twice the chance of the smaller tail that begins at `seen`, at most 1. */
function twoSided(chances: Float64Array, seen: number): number {
  let [below, above] = [0, 0];
  chances.forEach((chance, sum) => {
    if (sum <= seen) below += chance;
    if (sum >= seen) above += chance;
  });
  return Math.min(1, 2 * Math.min(below, above));
}

function normalRankSum(doubled: readonly number[], m: number, doubledSum: number): number {
  const all = doubled.length;
  const n = all - m;
  const tied = new Map<number, number>();
  for (const rank of doubled) tied.set(rank, (tied.get(rank) ?? 0) + 1);
  const ties = [...tied.values()].reduce((sum, count) => sum + count ** 3 - count, 0);
  const variance = ((m * n) / 12) * (all + 1 - ties / (all * (all - 1)));
  const distance = Math.abs(doubledSum / 2 - (m * (all + 1)) / 2) - 0.5;
  return variance === 0 || distance <= 0 ? 1 : Math.min(1, normalTails(distance / Math.sqrt(variance)));
}

/** The chance that a standard normal variable is farther from 0 than `z` > 0 (Abramowitz and Stegun 7.1.26, to 1.5e-7). */
function normalTails(z: number): number {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  return series.reduce((sum, factor) => sum * t + factor, 0) * t * Math.exp(-x * x);
}

function refuseOdd(values: readonly number[]): void {
  if (values.length === 0) throw new RangeError('no values to test');
  const odd = values.find((value) => !Number.isFinite(value));
  if (odd !== undefined) throw new RangeError(`cannot test ${odd}`);
}
