import type { PacedEngine } from '../../loadgen/engines/paced.js';
import type { HistogramPairs } from '../../model/histogram.js';
import { unpacedRate } from '../../native/index.js';

/** What goes wrong in a stretch of time with a rate. */
export interface Fault {
  /** Stretches of sending that it meets, counted from 0. */
  in: (stretch: number) => boolean;
  /** The pause of the stretch in which it does, counted from 0, the first where it is missing. */
  pause?: number;
  /** The generator's threads did not run, and left out what was due. */
  awayNs?: number;
  /** Requests that the server loses. */
  lost?: number;
  /** Replies that come back with the next stretch. */
  late?: number;
}

/** How a modelled server and its generator are. */
export interface ServerModel {
  /** Requests a second that the server answers at most, so long after the beginning. */
  takes: (sinceNs: number) => number;
  /** Requests that it queues beyond those. */
  queue?: number;
  /** Requests a second that the generator sends at most, ten million where it is missing. */
  mostSent?: number;
  /** Lost of sent at any rate. */
  alwaysLost?: number;
  fault?: Fault;
}

/** An engine and a server without either: what is counted follows from the time that passes. */
export class PacedServer {
  /** The rates that were set, without pauses. */
  readonly offered: number[] = [];
  /** Requests that were answered while round trips were recorded. */
  recorded = 0;
  readonly #model: ServerModel;
  readonly #counters = { offered: 0, sent: 1000, replied: 0, checked: 0, wrong: 0, awayTotalNs: 0 };
  #rate = 0;
  #sinceNs = 0;
  #due = 0;
  #room = 0;
  #queued = 0;
  #late = 0;
  #stretch = -1;
  #pause = 0;
  #recording = false;

  constructor(model: ServerModel) {
    this.#model = model;
  }

  /** What happens in a time that passes. */
  passed(ns: number): void {
    const { takes, queue = 0, mostSent = 1e7, alwaysLost = 0 } = this.#model;
    this.#sinceNs += ns;
    const fault = this.#rate > 0 ? this.#faultNow() : null;
    this.#due += (Math.min(this.#rate, mostSent) * Math.max(0, ns - (fault?.awayNs ?? 0))) / 1e9;
    const sent = Math.floor(this.#due + 1e-6);
    this.#due -= sent;
    this.#room += (takes(this.#sinceNs) * ns) / 1e9;
    const room = Math.floor(this.#room + 1e-6);
    this.#room -= room;
    const waiting = this.#queued + sent - Math.round(alwaysLost * sent) - (fault?.lost ?? 0);
    const answered = Math.max(0, Math.min(room, waiting));
    this.#queued = Math.max(0, Math.min(queue, waiting - answered));
    this.#counters.sent += sent;
    this.#counters.awayTotalNs += fault?.awayNs ?? 0;
    const late = Math.min(answered, fault?.late ?? 0);
    this.#late += late;
    this.#reply(answered - late);
  }

  #reply(count: number): void {
    this.#counters.replied += count;
    if (this.#recording) this.recorded += count;
  }

  #faultNow(): Fault | null {
    const { fault } = this.#model;
    return fault?.in(this.#stretch) && this.#pause++ === (fault.pause ?? 0) ? fault : null;
  }

  get engine(): PacedEngine {
    return {
      counters: () => ({ ...this.#counters }),
      setRate: (perSecond: number) => this.#set(perSecond),
      quiesce: () => this.#set(0),
      record: (on: boolean) => {
        this.#recording = on;
      },
      roundTrips: (): HistogramPairs => (this.recorded === 0 ? [] : [[1000, this.recorded]]),
    } as unknown as PacedEngine;
  }

  #set(perSecond: number): void {
    this.#rate = perSecond === unpacedRate ? Number.POSITIVE_INFINITY : perSecond;
    if (perSecond === 0) return;
    this.#stretch++;
    this.#pause = 0;
    this.offered.push(perSecond);
    this.#reply(this.#late);
    this.#late = 0;
  }
}
