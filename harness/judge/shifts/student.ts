/** Student's t-test of two samples with one variance, two-sided (Student 1908). */

/**
 * The chance of a difference of means like this one, or larger, where none is. Equal samples without any spread give 1,
 * different ones without any give 0. RangeError for fewer than three values in all, or an empty sample.
 */
export function studentTest(first: readonly number[], second: readonly number[]): number {
  const freedom = first.length + second.length - 2;
  if (first.length === 0 || second.length === 0 || freedom < 1) throw new RangeError('too few values for a t-test');
  const [one, other] = [meanOf(first), meanOf(second)];
  const variance = (squaresAround(first, one) + squaresAround(second, other)) / freedom;
  const distance = Math.abs(one - other);
  if (variance === 0) return distance === 0 ? 1 : 0;
  return tTails(distance / Math.sqrt(variance * (1 / first.length + 1 / second.length)), freedom);
}

/** The chance that a t of so many degrees of freedom is farther from 0 than `t` >= 0. */
export function tTails(t: number, freedom: number): number {
  return regularisedBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/** The t that is farther from 0 with a chance of 5 %. */
export function tQuantile(freedom: number): number {
  let [low, high] = [0, 1000];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (tTails(middle, freedom) > 0.05) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function squaresAround(values: readonly number[], centre: number): number {
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}

/** I_x(a, b), by its continued fraction (DLMF 8.17.22), evaluated from the front (Lentz 1976). */
function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean only; the other tail is the rest.
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(1 - x, b, a);
  const tiny = 1e-300;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1) || tiny)];
  let fraction = d;
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const before = fraction;
    for (const term of [even, odd]) {
      d = 1 / (1 + term * d || tiny);
      c = 1 + term / c || tiny;
      fraction *= c * d;
    }
    if (Math.abs(fraction - before) < 1e-14 * Math.abs(fraction)) break;
  }
  return front * fraction;
}

/** Stirling's series (DLMF 5.11.1) from 10 on, to 1e-12; the recurrence below. */
function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x);
  const square = x * x;
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / x;
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series;
}
