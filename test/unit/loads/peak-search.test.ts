import { describe, expect, it } from 'vitest';
import { firstOffered, nextStep, type Trial } from '../../../loadgen/loads/peak-search.js';

/** Replies a second that a server gives to a rate of requests; `trial` counts from 0. */
type Server = (sent: number, trial: number) => number;
/** Requests a second that a generator sends when so many are offered. */
type Generator = (offered: number) => number;

const upTo =
  (ceiling: number): Generator =>
  (offered) =>
    Math.min(offered, ceiling);

/** Searches to the end, as the load generator does. */
function search(server: Server, generator: Generator = (offered) => offered) {
  const trials: Trial[] = [];
  const kinds: string[] = [];
  let step = nextStep(trials);
  for (; step.kind !== 'done'; step = nextStep(trials)) {
    if (trials.length > 100) throw new Error('the search does not end');
    kinds.push(step.kind);
    const sent = generator(step.offered);
    trials.push({ offered: step.offered, sent, replied: server(sent, trials.length) });
  }
  return { offered: step.offered, trials, kinds, ramp: kinds.filter((kind) => kind === 'ramp').length };
}

/** Answers everything up to the knee, and beyond it `slope` of the knee less for each knee's worth of overload. */
const declining =
  (knee: number, slope: number): Server =>
  (sent) =>
    sent <= knee ? sent : knee * Math.max(0.2, 1 - slope * (sent / knee - 1));

const knees = [21_000, 63_000, 231_700, 458_200, 730_000, 1_279_000, 1_281_000, 4_700_000];

describe('nextStep', () => {
  it('begins slowly and doubles while the server keeps up', () => {
    expect(nextStep([])).toEqual({ kind: 'ramp', offered: firstOffered });
    const { trials, ramp } = search(declining(1e6, 0.05));
    expect(trials.slice(0, ramp).map(({ offered }) => offered)).toEqual(
      Array.from({ length: ramp }, (_, i) => firstOffered * 2 ** i),
    );
  });

  it('is a function of the trials alone', () => {
    const { trials, offered } = search(declining(730_000, 0.05));
    expect(nextStep(trials)).toEqual({ kind: 'done', offered });
    expect(nextStep(Object.freeze([...trials]))).toEqual({ kind: 'done', offered });
  });

  describe.each([
    { shape: 'a flat top', slope: 0, atLeast: 0.999 },
    { shape: 'a soft decline', slope: 0.05, atLeast: 0.97 },
    { shape: 'a marked decline', slope: 0.25, atLeast: 0.95 },
  ])('$shape', ({ slope, atLeast }) => {
    it.each(knees)('with its knee at %i/s is found', (knee) => {
      const server = declining(knee, slope);
      const { offered } = search(server);
      expect(server(offered, 0) / knee).toBeGreaterThanOrEqual(atLeast);
      // Not far into the overload, which costs the server.
      expect(offered / knee).toBeLessThanOrEqual(1.35);
    });
  });

  it.each([7_000, 15_000, ...knees, 800_000, 900_000])('a sharp knee at %i/s is found to a sixth', (knee) => {
    // Beyond the knee it collapses: only a rate close below the knee gives much.
    const collapsing: Server = (sent) => (sent <= knee ? sent : knee * 0.3);
    const { offered } = search(collapsing);
    expect(offered).toBeLessThanOrEqual(knee);
    expect(offered).toBeGreaterThanOrEqual((5 / 6) * knee);
  });

  it('finds the peak through noise', () => {
    const knee = 458_200;
    let state = 7;
    const noise = () => {
      state = (state * 48_271) % 2_147_483_647;
      return 0.97 + 0.06 * (state / 2_147_483_647);
    };
    for (let attempt = 0; attempt < 50; attempt++) {
      const clean = declining(knee, 0.1);
      const { offered } = search((sent, trial) => clean(sent, trial) * noise());
      expect(clean(offered, 0) / knee).toBeGreaterThan(0.9);
    }
  });

  it.each([
    // 86 % and 94 % of the 2.56 M/s offered: replies grew in either case, so that the next two are the last.
    { ceiling: 2.2e6, ramp: 12 },
    { ceiling: 2.4e6, ramp: 12 },
    // 9 % and 11 % more than the 2.56 M/s before: the one is exhausted, the other still grows.
    { ceiling: 2.8e6, ramp: 12 },
    { ceiling: 2.83e6, ramp: 13 },
    { ceiling: 3e6, ramp: 13 },
  ])('stops asking for more when the generator is exhausted at $ceiling/s', ({ ceiling, ramp }) => {
    const found = search((sent) => sent, upTo(ceiling));
    expect(found.ramp).toBe(ramp);
    expect(Math.min(found.offered, ceiling)).toBe(ceiling);
  });

  it('does not end the ramp for a single trial that a hiccup spoilt', () => {
    const server = declining(730_000, 0.05);
    for (let spoilt = 0; spoilt < 5; spoilt++) {
      const { offered } = search((sent, trial) => (trial === spoilt ? 0 : server(sent, trial)));
      expect(server(offered, 0) / 730_000).toBeGreaterThan(0.97);
    }
  });

  it('ends the ramp after two such trials in a row, and not after two apart', () => {
    const ramp = (...spoilt: number[]) => {
      const { kinds } = search((sent, i) => (spoilt.includes(i) ? 0 : Math.min(sent, 1e6)));
      return kinds.findIndex((kind) => kind !== 'ramp');
    };
    expect(ramp(2, 3)).toBe(4);
    expect(ramp(2, 4)).toBe(11);
  });

  it.each([
    [0, 1],
    [1, 2],
    [2, 3],
    [5, 6],
    [6, 7, 8, 9, 10],
    [2, 3, 17, 18],
  ])('goes on with the ramp where trials %i and %i were spoilt in a row', (...spoilt) => {
    const server = declining(730_000, 0.05);
    const { offered } = search((sent, trial) => (spoilt.includes(trial) ? 0 : server(sent, trial)));
    expect(server(offered, 0) / 730_000).toBeGreaterThan(0.97);
  });

  it('looks back once, from twice the best rate, where there is no more', () => {
    const { kinds, trials } = search(declining(730_000, 0.05));
    expect(kinds.filter((kind) => kind === 'confirm')).toHaveLength(1);
    expect(kinds.at(-1)).toBe('confirm');
    const most = Math.max(...trials.slice(0, -1).map(({ replied }) => replied));
    const best = trials.find(({ replied }) => replied === most);
    expect(trials.at(-1)?.offered).toBe(2 * (best?.offered ?? 0));
  });

  it('is not moved by a lucky trial of the refinement', () => {
    const { trials, kinds } = search((sent, trial) => Math.min(sent, 500_000) * (trial === 10 ? 1.5 : 1));
    const refined = trials.filter((_, i) => kinds[i] === 'refine');
    expect(refined.map(({ offered }) => offered / 500_000)).toEqual([1.02, 1.08, 1.15, 1.3]);
  });

  it.each([21_000, 500_000, 1_279_000])('finds the top of %i/s of a server that is never without loss', (top) => {
    const server: Server = (sent) => Math.min(0.7 * sent, top);
    const { offered, ramp, trials } = search(server);
    expect(server(offered, 0)).toBeGreaterThanOrEqual(0.98 * top);
    // Two trials after the first that gave the top, no more.
    expect(trials.findIndex(({ replied }) => replied === top)).toBe(ramp - 3);
  });

  it.each([0.85, 0.6, 0.3])(
    'is not stopped by a generator that sends %f of what is offered on a shared CPU',
    (share) => {
      const top = 400_000;
      const server = declining(top, 0.02);
      const generator: Generator = (offered) => (offered > 4 * firstOffered ? share * offered : offered);
      const { offered, ramp } = search(server, generator);
      expect(ramp).toBeGreaterThan(5);
      expect(server(generator(offered), 0) / top).toBeGreaterThanOrEqual(0.95);
    },
  );

  it.each([
    { growth: 1.09, ramp: 3 },
    { growth: 1.12, ramp: 9 },
  ])('far behind, replies that grow by $growth a trial until the seventh end the ramp after $ramp', (expected) => {
    // 80 % of the first rate offered, and never again three quarters.
    const found = search((_, trial) => 4000 * expected.growth ** Math.min(trial, 6));
    expect(found.ramp).toBe(expected.ramp);
  });

  it('ends for a server that is dead, without a rate of 0', () => {
    const { offered, trials } = search(() => 0);
    expect(trials).toHaveLength(3);
    expect(offered).toBe(firstOffered);
  });

  it('ends for a counter that never stops growing', () => {
    const { offered, trials } = search((sent) => sent);
    expect(trials).toHaveLength(40);
    expect(offered).toBe(trials.at(-1)?.offered);
  });
});
