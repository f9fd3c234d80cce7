import type { TuningHost, TuningSite } from './host.js';

/** One thing to set, and to what, in words that the entry reads again after a crash. */
export interface Target {
  /** A path, or what else the entry tells its things apart by. */
  name: string;
  value: string;
}

/** Stands for a value that `read` sees and `write` could not make again: such a thing is not changed. */
export const unwritable = 'unwritable';
/** Stands for the value of a thing that was there when it was set, and is not any more. */
export const gone = 'gone';

/** How one setting is made. A value that is read is told as one that is written, so that the two can be compared. */
export interface Entry {
  /** Whether an interface is set or the whole host. */
  of: 'interface' | 'host';
  /** What would be done, a command or a path and a value each, without looking at the host. */
  plan(value: string, site: Pick<TuningSite, 'interface' | 'port'>): string[];
  /** What a value means on this host; rejects with Refusal where it has no such thing. */
  targets(host: TuningHost, value: string): Promise<Target[]>;
  read(host: TuningHost, name: string): Promise<string>;
  write(host: TuningHost, name: string, value: string): Promise<void>;
  /** Gives up what the kernel takes back by itself when this process ends; null where a value stays until it is written. */
  release: ((host: TuningHost, name: string) => Promise<void>) | null;
}
