import { stepsIn } from '../model/work.js';
import { anyCpu, measureStep } from '../native/index.js';
import type { InvokerOptions } from './invoker.js';

/** The work that may follow a function, as bpf/work.h tells of it: what C++ and eBPF compute, step by step. */
const words = 16;
const basis = 2166136261 | 0;
const prime = 16777619;

/** Steps of one call of chain(); a multiple of `words`, so that each begins at the first. */
const stepsAtOnce = 256;

const state = new Int32Array(words);
let last = 0;

/** So many steps of that work on a payload; what they come to, an unsigned 32-bit number. */
export function compute(payload: Buffer, steps: number): number {
  const whole = Math.min(words, payload.length >> 2);
  for (let i = 0; i < whole; i++) state[i] = wordAt(payload, 4 * i);
  for (let i = whole; i < words; i++) state[i] = 0;
  let hash = basis;
  for (let left = steps; left > 0; left -= stepsAtOnce) hash = chain(hash, Math.min(left, stepsAtOnce));
  // Nobody asks what it comes to, but the compiler is not to know.
  last = hash;
  return last >>> 0;
}

/** As readInt32LE, whose checks took 60 ns for all words: work of 100 ns would take as much more. */
function wordAt(payload: Buffer, offset: number): number {
  const byte = (i: number) => payload[offset + i] as number;
  return byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
}

/**
 * Of few steps a call: as one loop of a million on one CPU, code that took two to three times as long stayed for good in most
 * processes (Node 20).
 */
function chain(from: number, steps: number): number {
  let hash = from;
  for (let step = 0; step < steps; step++) hash = Math.imul(hash ^ (state[step % words] as number), prime);
  return hash;
}

/** Nanoseconds a step on each of some CPUs, by their number. Throws SystemError PIN for one that is not there. */
export function measureSteps(cpus: readonly number[]): Record<number, number> {
  return Object.fromEntries([...new Set(cpus)].map((cpu) => [cpu, measureStep(cpu)]));
}

/** Steps of an invoker that nobody has told how long one takes: measured now, on the CPUs of its threads. */
export function workStepsOf({ settings, cpus }: Pick<InvokerOptions, 'settings' | 'cpus'>): number {
  const { workNs = 0 } = settings;
  if (workNs === 0) return 0;
  const pinned = cpus.length > 0 ? cpus : [anyCpu];
  return stepsIn(workNs, Object.values(measureSteps(pinned)));
}

/** How an invoker says that it knows of work: one of an old build says nothing. */
export function grantedWork(workSteps: number): Record<string, string> {
  return workSteps > 0 ? { workSteps: String(workSteps) } : {};
}
