import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { onInterrupt } from '../../harness/interrupt.js';

it.each<[string, [signal: string, atMs: number][], string[]]>([
  ['one signal', [['SIGINT', 0]], ['first SIGINT']],
  [
    'the same signal twice, as npm passes it on',
    [
      ['SIGINT', 0],
      ['SIGINT', 4],
    ],
    ['first SIGINT'],
  ],
  [
    'a second one later',
    [
      ['SIGINT', 0],
      ['SIGINT', 4],
      ['SIGINT', 1000],
    ],
    ['first SIGINT', 'again'],
  ],
  [
    'another one later',
    [
      ['SIGTERM', 5],
      ['SIGHUP', 2000],
    ],
    ['first SIGTERM', 'again'],
  ],
])('%s', (_, signals, heard) => {
  const emitter = new EventEmitter();
  const said: string[] = [];
  let nowMs = 0;
  const keep = { first: (signal: string) => said.push(`first ${signal}`), again: () => said.push('again') };
  onInterrupt(emitter, () => nowMs, keep);
  for (const [signal, atMs] of signals) {
    nowMs = atMs;
    emitter.emit(signal);
  }
  expect(said).toEqual(heard);
});
