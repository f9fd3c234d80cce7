import { expect, it } from 'vitest';
import { BenchError } from '../../../common/cli/errors.js';
import type { Topology, TopologyKind } from '../../../common/wire/topology.js';
import { calibrate } from '../../../harness/measure/calibrate.js';
import type { Observe } from '../../../harness/measure/events.js';
import { ceilingQuestions } from '../../../harness/plan/ceilings.js';
import { fakeRunCell } from '../../fakes/runs.js';

const cells = [60, 200].map((packetBytes) => fakeRunCell('recvmmsg', { kind: 'saturate' }, { packetBytes }));
const questions = ceilingQuestions(cells.map((cell) => ({ state: 'runnable', cell })));
const never = new AbortController().signal;

const kind = (build: TopologyKind['build']): TopologyKind => ({
  id: 'veth',
  build,
});

function events() {
  const said: string[] = [];
  const observe: Observe = (event) => {
    if (event.type === 'calibrating') said.push(`begin ${event.question.packetBytes}`);
    if (event.type === 'calibrated') said.push(`end ${event.question.packetBytes}: ${event.error?.message}`);
  };
  return { said, observe };
}

/** Sides on which no process can be started. */
const nowhere = (destroy: Topology['destroy']): Topology => {
  const site = {
    interface: 'none',
    address: '10.0.0.1',
    mac: '02:00:00:00:00:01',
    driver: 'veth',
    enter: ['ivb-no-such-program'],
    node: '',
    root: '',
  };
  return { server: site, clients: [site], facts: {}, check: async () => {}, destroy };
};

it('each size of an engine is asked once', () => {
  expect(questions.map(({ engine, packetBytes }) => [engine, packetBytes])).toEqual([
    ['live', 60],
    ['live', 200],
  ]);
  const again = [...cells, ...cells].map((cell) => ({ state: 'runnable', cell }) as const);
  expect(ceilingQuestions(again)).toEqual(questions);
  expect(ceilingQuestions(cells.map((cell) => ({ state: 'skipped', cell, reason: 'no' })))).toEqual([]);
});

it('an engine that cannot be measured is said, and the others are tried', async () => {
  const heard = events();
  const noWire = kind(() => Promise.reject(new BenchError('TOPOLOGY', 'no wire')));
  expect(await calibrate(questions, noWire, never, heard.observe)).toEqual([]);
  expect(heard.said).toEqual(['begin 60', 'end 60: no wire', 'begin 200', 'end 200: no wire']);
});

it('a wire that cannot be taken down does not hide why there is no figure', async () => {
  const heard = events();
  let destroyed = 0;
  const stuck = kind(async () =>
    nowhere(() => {
      destroyed++;
      return Promise.reject(new BenchError('TEARDOWN', 'busy'));
    }),
  );
  expect(await calibrate(questions.slice(0, 1), stuck, never, heard.observe)).toEqual([]);
  expect(heard.said).toEqual(['begin 60', expect.stringMatching(/^end 60: the (sink|flood) of live ended: .*ENOENT/)]);
  expect(destroyed).toBe(1);
});

it('an interrupt ends it without a word', async () => {
  const heard = events();
  const interrupt = new AbortController();
  const kindThatIsInterrupted = kind(async () => {
    interrupt.abort(new Error('enough'));
    return nowhere(async () => {});
  });
  expect(await calibrate(questions, kindThatIsInterrupted, interrupt.signal, heard.observe)).toEqual([]);
  expect(heard.said).toEqual(['begin 60']);
});
