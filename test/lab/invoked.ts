import { join } from 'node:path';
import { expect } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import type { ImplementationId } from '../../model/ids.js';
import type { Guest } from './guest.js';
import type { GuestProcess } from './guest-process.js';

/** The totals that an invoker prints at its end. */
interface Totals {
  threads: { counters: Record<string, number> }[];
  shared: Record<string, number>;
}

/** A stand-alone invoker that serves `reverse` on a guest's card. */
export class Invoked {
  readonly #guest: Guest;
  readonly process: GuestProcess;
  /** What the kernel granted. */
  readonly granted: Record<string, string>;

  private constructor(guest: Guest, process: GuestProcess, granted: Record<string, string>) {
    this.#guest = guest;
    this.process = process;
    this.granted = granted;
  }

  /** `afxdp` has a thread for each of `queues` queues, and serves all that deliver; the others have what they have by default. */
  static async start(guest: Guest, id: ImplementationId, queues: number, options = ''): Promise<Invoked> {
    const size = id === 'afxdp' ? ['--threads', String(queues)] : [];
    const words = ['--impl', id, '--interface', 'eth0', ...size, options, '--json'];
    const process = guest.start(`exec node ${join(packageRoot(), 'dist/impls/main.js')} ${words.join(' ')}`);
    const { granted } = JSON.parse(await process.line('{"type":"ready"'));
    return new Invoked(guest, process, granted);
  }

  /** Ends it as a user does: it must answer what it received, count all of it, and leave nothing attached. */
  async stop(): Promise<Totals> {
    this.process.kill('SIGTERM');
    const end = await this.process.ended();
    expect({ ...end, errors: this.process.errors() }).toEqual({ code: 0, signal: null, errors: '' });
    const totals: Totals = JSON.parse(this.process.output().trim().split('\n').at(-1) ?? '');
    const sum = (name: string) => totals.threads.reduce((all, { counters }) => all + (counters[name] ?? 0), 0);
    expect(sum('handled')).toBeGreaterThan(0);
    // A socket's reply finds no way out while the link is down.
    expect([sum('received'), sum('replied') + sum('sendFailed')]).toEqual([sum('handled'), sum('handled')]);
    const { framesAccounted, framesTotal } = totals.shared;
    expect(framesAccounted, `${framesAccounted} of ${framesTotal} frames are accounted for`).toBe(framesTotal);
    expect(await this.#guest.run('ip -details link show eth0; tc qdisc show dev eth0')).not.toMatch(/prog\/xdp|clsact/);
    return totals;
  }

  /** Ends it after a test that did not. */
  async abandon(): Promise<void> {
    if (!this.process.runs) return;
    this.process.kill('SIGKILL');
    await this.process.ended();
  }
}
