/** Work of one kind that is done several times. */
interface Work {
  /** What one takes as the plan expects it. */
  expectedNs: number;
  left: number;
  done: number;
  tookNs: number;
}

/** How much time is left of a schedule, by what was done of it so far. */
export class TimeLeft {
  readonly #works = new Map<string, Work>();

  /** `times` pieces of work `id` of `expectedNs` each are to be done. */
  expect(id: string, expectedNs: number, times: number): void {
    this.#works.set(id, { expectedNs, left: times, done: 0, tookNs: 0 });
  }

  /** One piece of `id` was done in `tookNs`. */
  done(id: string, tookNs: number): void {
    const work = this.#works.get(id);
    if (work === undefined) return;
    work.left--;
    work.done++;
    work.tookNs += tookNs;
  }

  /** One piece of `id` was done by another, in a time that nobody knows. */
  spare(id: string): void {
    const work = this.#works.get(id);
    if (work !== undefined) work.left--;
  }

  /** Of all that is left, `id` being under way for `underWayNs` (0: none is). */
  leftNs(id: string, underWayNs: number): number {
    const all = [...this.#works.values()];
    const sum = (of: (work: Work) => number) => all.reduce((total, work) => total + of(work), 0);
    const expectedNs = sum(({ done, expectedNs: each }) => done * each);
    // What was never done takes as much longer than expected as the rest did.
    const factor = expectedNs === 0 ? 1 : sum(({ tookNs }) => tookNs) / expectedNs;
    const eachNs = (work: Work) => (work.done > 0 ? work.tookNs / work.done : work.expectedNs * factor);
    const current = this.#works.get(id);
    const spentNs = current === undefined ? 0 : Math.min(underWayNs, eachNs(current));
    return Math.max(0, sum((work) => work.left * eachNs(work)) - spentNs);
  }
}
