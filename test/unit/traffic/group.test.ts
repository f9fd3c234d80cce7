import { describe, expect, it, onTestFinished } from 'vitest';
import type { LoadQuestion } from '../../../common/process/questions.js';
import { GroupTraffic } from '../../../loadgen/traffic/group.js';
import { unpacedRate } from '../../../native/index.js';
import { ledGenerators } from '../../fakes/led-generators.js';

async function groupOf(clients: number, dies: LoadQuestion['ask'] | 'never' = 'never'): Promise<GroupTraffic> {
  const group = new GroupTraffic(ledGenerators(clients, dies));
  onTestFinished(() => group.end(1000));
  expect(new Set(await group.ready()).size).toBe(clients);
  await group.prepare();
  return group;
}

/** What each was last asked to send. */
const ratesOf = async (group: GroupTraffic) => (await group.totals({})).clients.map(({ generator }) => generator.rate);

describe('a group of generators', () => {
  it.each([
    [10, [4, 3, 3]],
    [0, [0, 0, 0]],
    [unpacedRate, [unpacedRate, unpacedRate, unpacedRate]],
  ])('at the rate %d send %j', async (perSecond, rates) => {
    const group = await groupOf(3);
    await group.setRate(perSecond);
    expect(await ratesOf(group)).toEqual(rates);
  });

  it('has one window, whatever their clocks', async () => {
    const group = await groupOf(3);
    const { window } = await group.watch({ phase: 'measure', offeredPerSecond: 100, durationNs: 1e9 });
    expect(window).toMatchObject({ phase: 'measure', offeredPerSecond: 100, sent: 100, replied: 100 });
    expect(window.endNs - window.beginNs).toBeCloseTo(1e9, 0);
    const { generator, clients } = await group.totals({});
    expect(generator).toMatchObject({ sent: 100, replied: 100 });
    expect(clients.map(({ host, window: own }) => [host, own?.sent, own?.offeredPerSecond])).toEqual([
      ['h1', 34, 34],
      ['h2', 33, 33],
      ['h3', 33, 33],
    ]);
  });

  it('has the round trips of all', async () => {
    const group = await groupOf(2);
    await group.record();
    await group.watch({ phase: 'measure', offeredPerSecond: 11, durationNs: 1e9 });
    const { sent, histogram } = await group.collect(1e9);
    expect(sent).toBe(11);
    expect(histogram.reduce((sum, [, count]) => sum + count, 0)).toBe(11);
  });

  it('makes a piece together', async () => {
    const group = await groupOf(3);
    expect(await group.piece(4000)).toMatchObject({ sent: 1000, replied: 1000, window: { offeredPerSecond: 4000 } });
    expect((await group.totals({})).clients.map(({ window }) => window)).toEqual([null, null, null]);
  });

  it.each<[LoadQuestion['ask'], (group: GroupTraffic) => Promise<unknown>]>([
    ['rate', (group) => group.setRate(1)],
    ['watch', (group) => group.watch({ phase: 'ramp', offeredPerSecond: 1, durationNs: 1e9 })],
    ['piece', (group) => group.piece(1)],
    ['settle', (group) => group.settle()],
    ['record', (group) => group.record()],
    ['collect', (group) => group.collect(1e9)],
  ])('names the one that ends when it is asked: %s', async (dies, ask) => {
    const group = await groupOf(3, dies);
    const failure = group.failure();
    const code = 'CHILD_ENDED';
    const message = expect.stringMatching(/^the live generator on h3 ended: code 7/);
    await expect(ask(group)).rejects.toMatchObject({ code, message });
    await expect(failure).rejects.toMatchObject({ code, message });
  });
});
