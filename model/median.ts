/** Middle of the values, the mean of the two middle ones where their number is even; RangeError for none or non-finite. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/** The values in their order; RangeError for none or non-finite. */
export function ascending(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('no values to take a median of');
  const odd = values.find((value) => !Number.isFinite(value));
  if (odd !== undefined) throw new RangeError(`cannot take a median of ${odd}`);
  return [...values].sort((a, b) => a - b);
}
