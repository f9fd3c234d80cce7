import { parseCardSide, parseFarSide } from './ends.js';

/** What a user who names no flag wants to know. */
export type Goal = 'throughput' | 'latency' | 'capacity' | 'all';
export type Minutes = 1 | 5 | 20;

/** A wire by the text of its ends, as its flags take them. */
export type Wire = { kind: 'veth' } | { kind: 'nic' | 'remote'; server: string; client: string };

/** One of several answers. */
export interface Choice<Id> {
  id: Id;
  about: string;
}

export const goals: readonly Choice<Goal>[] = [
  { id: 'throughput', about: 'how many replies a second at most, by frame size' },
  { id: 'latency', about: 'how long a round trip takes, by percentile' },
  { id: 'capacity', about: 'how many requests a second without a loss' },
  { id: 'all', about: 'throughput and latency, quickly' },
];

export const wires: readonly Choice<Wire['kind']>[] = [
  { id: 'veth', about: 'a virtual wire on this host' },
  { id: 'nic', about: 'two network interfaces of this host and a cable between them' },
  { id: 'remote', about: 'two hosts that ssh reaches' },
];

/** How the end of a wire is asked for; throws UsageError where the answer is not one. */
export const ends = {
  nic: {
    example: { server: 'ens4', client: 'ens5' },
    textOf(answer: string, role: 'server' | 'client'): string {
      const text = answer.includes('=') ? answer : `if=${answer}`;
      parseCardSide(role, text, role);
      return text;
    },
  },
  remote: {
    example: { server: 'bench@host1,if=ens4,ip=10.0.0.10', client: 'bench@host2,if=ens4,ip=10.0.0.20' },
    textOf(answer: string, role: 'server' | 'client'): string {
      parseFarSide(role, answer);
      return answer;
    },
  },
} as const;

/** How much time the user has. */
export const times = { short: 1, middle: 5, long: 20 } as const;

/** The values of flags; what is left out has its default. */
interface Question {
  load?: string;
  impls?: string;
  sizes: string;
}

const few = '800';
const some = '200,800,1400';
const many = '200..1400';

/** What is worth asking in so many minutes, several times if it can be. */
const questions: Record<Goal, Record<Minutes, Question>> = {
  throughput: {
    1: { load: 'saturate', sizes: few },
    5: { load: 'saturate', impls: 'all', sizes: some },
    20: { load: 'saturate', impls: 'all', sizes: many },
  },
  latency: {
    1: { load: 'closed=4', sizes: few },
    5: { load: 'closed=1,closed=4', impls: 'all', sizes: some },
    20: { load: 'closed=4,latency-under-load', impls: 'all', sizes: few },
  },
  capacity: {
    1: { load: 'capacity', impls: 'recvmmsg,afxdp', sizes: few },
    5: { load: 'capacity', sizes: few },
    20: { load: 'capacity', impls: 'all', sizes: '200,1400' },
  },
  all: { 1: { sizes: few }, 5: { impls: 'all', sizes: some }, 20: { impls: 'all', sizes: many } },
};

/** How often all cells can be run in the time, at least once; `expectedNs`: what so many repeats take. */
export function repeatsWithin(minutes: Minutes, expectedNs: (repeats: number) => number): number {
  const fits = (repeats: number) => expectedNs(repeats) <= minutes * 60e9 && expectedNs(repeats) > expectedNs(1);
  let repeats = 1;
  while (fits(repeats + 1)) repeats++;
  return repeats;
}

/** The flags of `npm run bench` that ask for it. */
export function argumentsOf(goal: Goal, wire: Wire, minutes: Minutes, repeats: number): string[] {
  const { load, impls, sizes } = questions[goal][minutes];
  return [
    ...(load === undefined ? [] : ['--load', load]),
    ...(impls === undefined ? [] : ['--impls', impls]),
    ...['--sizes', sizes, '--repeats', String(repeats)],
    // A card has a queue for each CPU as a rule, and what is asked here is one thread on one queue.
    ...(wire.kind === 'veth'
      ? []
      : ['--topology', wire.kind, '--server', wire.server, '--client', wire.client, '--axis', 'channels=1']),
  ];
}
