/**
 * What a finding means for a benchmark on this host: something cannot run at all; it runs and its figures are not to be
 * trusted; they could be better. The host does not tell: nothing is assumed then. Nothing is wrong.
 */
export const levels = ['cannot-run', 'not-trusted', 'could-be-better', 'not-told', 'fine'] as const;

export type Level = (typeof levels)[number];

/** One thing that was looked at. */
export interface Finding {
  /** Stable, for scripts: `governor`; of an interface `eth0/xdp`. */
  id: string;
  level: Level;
  /** How it is, on one line. */
  state: string;
  /** Why it matters for the figures. */
  why: string;
  /** What mends it, a command where one can; null where there is nothing to mend, or no way to. */
  remedy: string | null;
}

/** What a check says beside how it is. */
type Verdict = { state: string } & (
  | { level: 'cannot-run' | 'not-trusted' | 'could-be-better'; remedy: string | null }
  | { level: 'not-told' | 'fine' }
);

/** A finding of a check that has one reason to be made, whatever comes of it. */
export function finding(id: string, why: string, verdict: Verdict): Finding {
  return { id, level: verdict.level, state: verdict.state, why, remedy: 'remedy' in verdict ? verdict.remedy : null };
}

export const notToldHere: Verdict = { level: 'not-told', state: 'the kernel does not tell it here' };
