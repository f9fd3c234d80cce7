import { count } from '../../common/cli/text.js';
import type { ImplementationId } from '../../model/ids.js';
import type { Service } from '../../model/settings.js';
import type { InvokerReading } from '../invoker.js';
import type { ServeOptions } from './options.js';
import type { Rates } from './rates.js';

/** What the stand-alone invoker says on its standard output: a line each. */
export type Announcement =
  | {
      type: 'ready';
      implementation: ImplementationId;
      /** Empty for all. */
      interface: string;
      /** Empty for any. */
      address: string;
      queues: number;
      services: Service[];
      granted: Record<string, string>;
      pid: number;
    }
  /** `atNs` is of CLOCK_MONOTONIC; the counters count since the start, the rates are a second. */
  | ({ type: 'stats'; atNs: number; intervalNs: number; rates: Rates } & InvokerReading)
  | { type: 'scaled'; port: number; threadsPerQueue: number }
  | ({ type: 'totals' } & InvokerReading);

type Saying<Type extends Announcement['type']> = Extract<Announcement, { type: Type }>;

const columns = 100;

export function readyOf(
  implementation: ImplementationId,
  { interface: name, address, queues, services }: ServeOptions,
  granted: Record<string, string>,
): Saying<'ready'> {
  return { type: 'ready', implementation, interface: name, address, queues, services, granted, pid: process.pid };
}

/** An announcement for people, without the line break. Totals are JSON here, too. */
export function formatText(announcement: Announcement): string {
  switch (announcement.type) {
    case 'ready':
      return formatReady(announcement);
    case 'stats':
      return formatRates(announcement.rates);
    case 'scaled':
      return `scaled ${announcement.port} to ${count(announcement.threadsPerQueue, 'thread')} a queue`;
    case 'totals':
      return JSON.stringify({
        threads: announcement.threads.map(({ counters }) => counters),
        shared: announcement.shared,
      });
  }
}

function formatReady({ implementation, services, queues, granted, pid, ...where }: Saying<'ready'>): string {
  const threads = services.reduce((sum, { threadsPerQueue }) => sum + threadsPerQueue * queues, 0);
  const facts = Object.entries({ ...granted, pid }).map(([name, value]) => `${name}=${value}`);
  const place = where.interface === '' ? 'all interfaces' : where.interface;
  const [only] = services;
  const what =
    only && services.length === 1
      ? `${only.functionId} on ${place} UDP ${where.address === '' ? '' : `${where.address}:`}${only.port}`
      : `${services.map(formatService).join(',')} on ${place}${where.address === '' ? '' : ` ${where.address}`}`;
  return `ready ${implementation} ${threads}T${queues}Q ${what} ${facts.join(' ')}`;
}

/** As in --functions. */
function formatService({ port, functionId, threadsPerQueue }: Service): string {
  return `${port}=${functionId}:${threadsPerQueue}`;
}

/** Rates in columns that stand below each other, the largest causes of drops as far as there is room. */
function formatRates({ received, handled, replied, dropped }: Rates): string {
  const causes = Object.entries(dropped)
    .filter(([, rate]) => rate > 0)
    .sort(([, a], [, b]) => b - a);
  const drops = causes.reduce((sum, [, rate]) => sum + rate, 0);
  const column = (name: string, rate: number) => `${name}/s ${String(rate).padStart(7)}`;
  let line = [
    column('received', received),
    column('handled', handled),
    column('replied', replied),
    column('dropped', drops),
  ].join('  ');
  for (const [cause, rate] of causes) {
    const more = `  ${cause} ${rate}`;
    if (line.length + more.length > columns) break;
    line += more;
  }
  return line;
}
