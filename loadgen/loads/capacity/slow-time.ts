import type { SpeedLook } from '../../../native/index.js';

/** A CPU below this share of its usual speed is slow: less is what clocks and caches do. */
const slowBelow = 0.9;
/** A CPU's usual speed is that of the median look: where a neighbour is there most of the time, that is how the machine is. */
const usualShare = 0.5;

/** Five looks late. */
const longUnseenNs = 50e6;

/** How much time a host takes from a CPU by slowing it, told by looks at its speed. */
export class SlowTime {
  readonly #looks: SpeedLook[] = [];

  /** In order of time. */
  add(looks: readonly SpeedLook[]): void {
    this.#looks.push(...looks);
  }

  /** Whether the CPU was slow when it was last looked at, or that is long ago: then it does not run. */
  isSlow(nowNs: number): boolean {
    const last = this.#looks.at(-1);
    if (last === undefined) return false;
    return nowNs - last.atNs > longUnseenNs || this.#speedAt(this.#looks.length - 1, this.#usualNs()) < slowBelow;
  }

  /** In ns, of the time between two: a CPU at half its speed loses half of it. A look stands for the time before it. */
  lostNs(beginNs: number, endNs: number): number {
    const usualNs = this.#usualNs();
    let lost = 0;
    for (let i = this.#looks.length - 1; i > 0; i--) {
      const since = Math.max(beginNs, this.#looks[i - 1]?.atNs ?? 0);
      const until = Math.min(endNs, this.#looks[i]?.atNs ?? 0);
      if (until > since) {
        const speed = this.#speedAt(i, usualNs);
        if (speed < slowBelow) lost += (1 - speed) * (until - since);
      } else if (until < beginNs) break;
    }
    return lost;
  }

  #usualNs(): number {
    const took = Float64Array.from(this.#looks, ({ tookNs }) => tookNs).sort();
    return took[Math.floor(usualShare * took.length)] ?? 0;
  }

  /** The median of the look and its neighbours, as a single one may hold a timer's interrupt; at an end, of it and its neighbour the faster. */
  #speedAt(i: number, usualNs: number): number {
    const took = [i - 1, i, i + 1].flatMap((k) => this.#looks[k]?.tookNs ?? []).sort((a, b) => a - b);
    const middle = took.length === 3 ? took[1] : took[0];
    return middle === undefined ? 1 : usualNs / middle;
  }
}
