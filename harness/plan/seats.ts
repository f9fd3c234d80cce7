import type { HostCpus } from './host-cpus.js';

export type Role = 'generator' | 'irq' | 'invoker';

/** A busy thread, or the interrupts of a queue, and its CPU. */
export interface Seat {
  cpu: number;
  role: Role;
  /** The thread's number in its role, or the queue's, from 0. */
  index: number;
}

/** Which busy threads sit on which CPU and core of a host. */
export class Seats {
  readonly host: HostCpus;
  /** The CPUs of the NUMA node that is preferred; none where there are no nodes. */
  readonly #home: ReadonlySet<number>;
  readonly #taken: Seat[];

  constructor(host: HostCpus, home: ReadonlySet<number>, taken: readonly Seat[] = []) {
    this.host = host;
    this.#home = home;
    this.#taken = [...taken];
  }

  copy(): Seats {
    return new Seats(this.host, this.#home, this.#taken);
  }

  get taken(): readonly Seat[] {
    return this.#taken;
  }

  take(cpu: number, role: Role): void {
    const index = this.#taken.filter((seat) => seat.role === role).length;
    this.#taken.push({ cpu, role, index });
  }

  /** The hyper-threads of the CPU's core, the CPU itself among them. */
  coreOf(cpu: number): readonly number[] {
    return this.host.siblings.find((group) => group.includes(cpu)) ?? [cpu];
  }

  /** How many cores the CPUs belong to. */
  coreCount(cpus: readonly number[]): number {
    return new Set(cpus.map((cpu) => Math.min(...this.coreOf(cpu)))).size;
  }

  /**
   * The first of the least busy candidates; of those an isolated one, then one at home rather than on another node, then
   * one on a core without busy threads, or beside interrupts rather than beside a thread, then one on the fastest kind of
   * core.
   */
  pick(candidates: readonly number[]): number {
    return firstBy(candidates, (cpu) => {
      const roles = this.#coreRoles(cpu);
      return [
        this.#busyOn(cpu),
        this.host.isolated.includes(cpu) ? 0 : 1,
        this.#away(cpu),
        roles.length,
        roles.filter((role) => role !== 'irq').length,
        this.#kindOf(cpu),
      ];
    });
  }

  /**
   * A CPU without a busy thread: if possible not beside an invoker, then not one that is kept for others, then none that
   * a measured thread would have liked better.
   */
  pickIdle(candidates: readonly number[], keptForOthers: readonly number[]): number | null {
    const idle = candidates.filter((cpu) => this.#busyOn(cpu) === 0);
    if (idle.length === 0) return null;
    return firstBy(idle, (cpu) => {
      const roles = this.#coreRoles(cpu);
      return [
        roles.filter((role) => role === 'invoker').length,
        keptForOthers.includes(cpu) ? 1 : 0,
        this.host.isolated.includes(cpu) ? 1 : 0,
        this.#away(cpu),
        roles.length,
        -this.#kindOf(cpu),
      ];
    });
  }

  /** The seats of each CPU that has several. */
  crowdedCpus(): Seat[][] {
    return groupsBy(this.#taken, ({ cpu }) => cpu).filter((seats) => seats.length > 1);
  }

  /** The busy CPUs of each core that has several. */
  crowdedCores(): number[][] {
    const busy = [...new Set(this.#taken.map(({ cpu }) => cpu))].sort((a, b) => a - b);
    return groupsBy(busy, (cpu) => Math.min(...this.coreOf(cpu))).filter((cpus) => cpus.length > 1);
  }

  #busyOn(cpu: number): number {
    return this.#taken.filter((seat) => seat.cpu === cpu).length;
  }

  #away(cpu: number): number {
    return this.#home.has(cpu) ? 0 : 1;
  }

  #coreRoles(cpu: number): Role[] {
    const core = this.coreOf(cpu);
    return this.#taken.filter((seat) => core.includes(seat.cpu)).map(({ role }) => role);
  }

  #kindOf(cpu: number): number {
    return Math.max(
      0,
      this.host.kinds.findIndex(({ cpus }) => cpus.includes(cpu)),
    );
  }
}

/** Items with the same key together, in the order of the keys. */
function groupsBy<T>(items: readonly T[], keyOf: (item: T) => number): T[][] {
  const groups = new Map<number, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** The first candidate with the smallest ranks, compared from left to right. */
function firstBy(candidates: readonly number[], ranksOf: (cpu: number) => number[]): number {
  const [first, ...rest] = candidates;
  if (first === undefined) throw new RangeError('no CPU to choose from');
  let best = { cpu: first, ranks: ranksOf(first) };
  for (const cpu of rest) {
    const ranks = ranksOf(cpu);
    const differs = ranks.findIndex((rank, index) => rank !== best.ranks[index]);
    if (differs >= 0 && (ranks[differs] as number) < (best.ranks[differs] as number)) best = { cpu, ranks };
  }
  return best.cpu;
}
