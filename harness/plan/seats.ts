type Role = 'generator' | 'invoker';

/** Which busy threads sit on which CPU and core. */
export class Seats {
  readonly cpus: readonly number[];
  readonly #siblings: readonly (readonly number[])[];
  /** The CPUs of the node that is preferred; none where there are no nodes. */
  readonly #home: ReadonlySet<number>;
  readonly #roles = new Map<number, Role[]>();
  readonly #core = new Map<number, readonly number[]>();

  constructor(cpus: readonly number[], siblings: readonly (readonly number[])[], home: ReadonlySet<number>) {
    this.cpus = cpus;
    this.#siblings = siblings;
    this.#home = home;
    for (const cpu of cpus) {
      this.#roles.set(cpu, []);
      this.#core.set(cpu, siblings.find((group) => group.includes(cpu)) ?? [cpu]);
    }
  }

  copy(): Seats {
    const copy = new Seats(this.cpus, this.#siblings, this.#home);
    for (const [cpu, roles] of this.#roles) for (const role of roles) copy.take(cpu, role);
    return copy;
  }

  take(cpu: number, role: Role): void {
    this.#roles.get(cpu)?.push(role);
  }

  busyOn(cpu: number): number {
    return this.#roles.get(cpu)?.length ?? 0;
  }

  coreCount(): number {
    return new Set(this.cpus.map((cpu) => this.#core.get(cpu))).size;
  }

  /** The first of the least busy candidates, by CPU, then at home rather than on another node, then by core. */
  pick(candidates: readonly number[]): number {
    return firstBy(candidates, (cpu) => [this.busyOn(cpu), this.#home.has(cpu) ? 0 : 1, this.#busyOnCore(cpu)]);
  }

  /** A CPU without a busy thread, if possible on a core without one, and rather beside a generator than an invoker. */
  pickIdle(candidates: readonly number[]): number | null {
    const idle = candidates.filter((cpu) => this.busyOn(cpu) === 0);
    if (idle.length === 0) return null;
    return firstBy(idle, (cpu) => {
      const roles = this.#coreRoles(cpu);
      return [roles.filter((role) => role === 'invoker').length, this.#home.has(cpu) ? 0 : 1, roles.length];
    });
  }

  warnings(): string[] {
    const warnings = this.cpus.flatMap((cpu) => {
      const roles = this.#roles.get(cpu) ?? [];
      if (roles.length < 2) return [];
      const invokers = roles.filter((role) => role === 'invoker').length;
      const generators = roles.length - invokers;
      const parts = [generators > 0 ? `${generators} generator` : '', invokers > 0 ? `${invokers} invoker` : ''];
      return [`CPU ${cpu} runs ${roles.length} busy threads (${parts.filter(Boolean).join(', ')}).`];
    });
    const crowded = this.crowdedCores().map((group) => group.join('+'));
    if (crowded.length > 0) warnings.push(`Busy threads share physical cores: CPUs ${crowded.join(', ')}.`);
    return warnings;
  }

  /** The busy CPUs of each core that has several. */
  crowdedCores(): number[][] {
    const busyCpus = this.cpus.filter((cpu) => this.busyOn(cpu) > 0);
    const cores = new Map<readonly number[], number[]>();
    for (const cpu of busyCpus) {
      const core = this.#core.get(cpu) ?? [cpu];
      cores.set(core, [...(cores.get(core) ?? []), cpu]);
    }
    return [...cores.values()].filter((group) => group.length > 1);
  }

  #busyOnCore(cpu: number): number {
    let busy = 0;
    for (const sibling of this.#core.get(cpu) ?? [cpu]) busy += this.busyOn(sibling);
    return busy;
  }

  #coreRoles(cpu: number): Role[] {
    return (this.#core.get(cpu) ?? [cpu]).flatMap((sibling) => this.#roles.get(sibling) ?? []);
  }
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
