import type { EventEmitter } from 'node:events';

/** npm passes on a Ctrl-C that the terminal has sent to all of its processes: a signal so soon is the same one. */
const sameMs = 1000;

/** Calls `first` at the first signal, and `again` at one that comes a second or more after it. */
export function onInterrupt(
  signals: Pick<EventEmitter, 'on'>,
  nowMs: () => number,
  { first, again }: { first: (signal: string) => void; again: () => void },
): void {
  let firstMs: number | null = null;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    signals.on(signal, () => {
      if (firstMs === null) {
        firstMs = nowMs();
        first(signal);
      } else if (nowMs() - firstMs >= sameMs) again();
    });
  }
}
