import type { EnergyUse, HostSide } from '../../model/host-use.js';
import { shortestInPiecesNs, type Timeline } from '../../model/record.js';
import { energyBetween } from './energy.js';
import { type HostReading, type HostUse, type MeasuredHost, useBetween } from './host-reading.js';

const pieceMs = 1000;

/** What the hosts did in a measure phase. */
export interface PhaseUse {
  /** In the order of the hosts, each by its own clock. */
  hosts: { side: MeasuredHost['side']; beginNs: number; endNs: number; use: HostUse }[];
  /** The same in pieces of a second. */
  pieces: Timeline['hosts'];
}

/** Reads hosts when a measure phase begins and ends, and once a second of one of two seconds and more. */
export class HostCourse {
  readonly #hosts: readonly MeasuredHost[];
  readonly #read: () => Promise<HostReading[]>;
  readonly #isInPieces: boolean;
  readonly #readings: Promise<HostReading[]>[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `read`: all hosts in their order. `durationNs`: of the phase. */
  constructor(hosts: readonly MeasuredHost[], read: () => Promise<HostReading[]>, durationNs: number) {
    this.#hosts = hosts;
    this.#read = read;
    this.#isInPieces = durationNs >= shortestInPiecesNs;
  }

  begin(): void {
    this.#take();
    if (this.#isInPieces) this.#timer = setInterval(() => this.#take(), pieceMs);
  }

  /** Rejects where a host could not be read. */
  async end(): Promise<PhaseUse> {
    this.stop();
    this.#take();
    const readings = await Promise.all(this.#readings);
    const ofHosts = this.#hosts.map(({ side }, index) => ({
      side,
      readings: readings.flatMap((reading) => reading[index] ?? []),
    }));
    return {
      hosts: ofHosts.flatMap(({ side, readings }) => {
        const [first, last] = [readings[0], readings.at(-1)];
        if (first === undefined || last === undefined) return [];
        // Counters of energy begin again every some minutes: told from reading to reading, none is missed.
        const use = { ...useBetween(side, first, last), energy: energyOver(side, readings) };
        return { side, beginNs: first.atNs, endNs: last.atNs, use };
      }),
      pieces: ofHosts.flatMap(({ side, readings }) => piecesOf(side, wholePieces(readings))),
    };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #take(): void {
    const reading = this.#read();
    reading.catch(() => {}); // Heard at the end.
    this.#readings.push(reading);
  }
}

/** By the domains of the first piece. */
function energyOver(host: HostSide, readings: readonly HostReading[]): EnergyUse[] {
  const pieces = readings.slice(1).map(({ energy }, index) => energyBetween(readings[index]?.energy ?? [], energy));
  const joulesOf = (domain: string) =>
    pieces.flat().reduce((sum, use) => sum + (use.domain === domain ? use.joules : 0), 0);
  return (pieces[0] ?? []).map(({ domain }) => ({ host, domain, joules: joulesOf(domain) }));
}

/** Without the last but one reading where the phase ended less than half a piece after it. */
function wholePieces(readings: readonly HostReading[]): readonly HostReading[] {
  const [before, last] = [readings.at(-2), readings.at(-1)];
  if (before === undefined || last === undefined || readings.length < 3) return readings;
  return last.atNs - before.atNs < (pieceMs * 1e6) / 2 ? readings.toSpliced(-2, 1) : readings;
}

function piecesOf(side: MeasuredHost['side'], readings: readonly HostReading[]): Timeline['hosts'] {
  return readings.slice(1).map((reading, index) => {
    const before = readings[index] as HostReading;
    const { cpu, foreign } = useBetween(side, before, reading);
    return { host: side, beginNs: before.atNs, endNs: reading.atNs, cpu, foreign };
  });
}
