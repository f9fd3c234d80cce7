import { ascending, median } from '../../model/median.js';
import { fewestForInterval, type Interval } from '../../model/summary.js';

/** A median with its interval, and the probability that the interval covers the true median. */
export interface Estimate {
  interval: Interval;
  confidence: number;
}

const wantedCoverage = 0.95;

/**
 * Median with the narrowest symmetric order-statistic interval of at least 95 % coverage (sign test), or with fewer than
 * 6 values their range; `confidence` is the true coverage, 0 for a single value. RangeError for none or non-finite.
 */
export function interval(values: readonly number[]): Estimate {
  const sorted = ascending(values);
  const n = sorted.length;
  if (n === 1) {
    const only = sorted[0] as number;
    return { interval: { median: only, low: only, high: only }, confidence: 0 };
  }
  const { rank, confidence } = n < fewestForInterval ? { rank: 0, confidence: coverage(n, 0) } : innermostRank(n);
  return {
    interval: { median: median(sorted), low: sorted[rank] as number, high: sorted[n - 1 - rank] as number },
    confidence,
  };
}

/** The highest 0-based rank r for which [r, n - 1 - r] still covers the median with the wanted probability. */
function innermostRank(n: number): { rank: number; confidence: number } {
  let rank = 0;
  let confidence = coverage(n, 0);
  for (let next = 1; next < n / 2; next++) {
    const narrower = coverage(n, next);
    if (narrower < wantedCoverage) break;
    rank = next;
    confidence = narrower;
  }
  return { rank, confidence };
}

/** 1 - 2 P(Binomial(n, 1/2) <= rank). */
function coverage(n: number, rank: number): number {
  let tail = 0;
  // In logarithms: 0.5^n is 0 in a double from n = 1075 on.
  let logTerm = -n * Math.LN2;
  for (let k = 0; k <= rank; k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((n - k) / (k + 1));
  }
  return 1 - 2 * tail;
}
