import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { allowedCpus } from '../../harness/measure/affinity.js';
import { datapathIds, dpdkIds } from '../../model/ids.js';
import { median } from '../../model/median.js';
import { measureStep } from '../../native/index.js';
import { expectSound, invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { areFiguresAsked, keepLine, told, turns } from './turns.js';
import { buildWire, describeAsRoot } from './wire.js';

const million = 1e6;

describeAsRoot('work', () => {
  test.each([...datapathIds, ...dpdkIds])(
    'on %s takes about the time of its steps',
    { timeout: (1 + turns) * 60_000 },
    async (id) => {
      const wire = await buildWire(1);
      const load = loadContext(wire, { kind: 'closed', connections: 1 }, 'socket', 300e6);
      const shortestNs = async (workSteps: number) => {
        const run = await runCell(wire, invokerContext(wire, id, 1, { receivePath: 'plain', workSteps }), load);
        expectSound(run);
        return run.load.histogram[0]?.[0] as number;
      };
      // On veth these two run on the CPU of the generator.
      const cpu = id === 'tc' || id === 'xdp' ? 0 : 1;
      const ratios: number[] = [];
      for (let turn = 0; turn < turns; turn++) {
        const stepNs = measureStep(cpu);
        const onceNs = await shortestNs(million);
        const steps = onceNs / stepNs;
        expect(steps).toBeGreaterThan(million / 3);
        expect(steps).toBeLessThan(million * 3);
        // A generator that waits so long sleeps, and wakes late: what a second million adds is of the steps alone.
        if (areFiguresAsked) ratios.push(((await shortestNs(2 * million)) - onceNs) / stepNs / million);
      }
      if (areFiguresAsked) keepLine('work', `${id}, time of a million steps over asked: ${told(ratios, 3)}`);
    },
  );
});

const javaScriptOverNative = `
  const [root, steps] = process.argv.slice(1);
  const calls = ${60 * million} / Number(steps);
  const { compute } = await import(root + '/dist/impls/work.js');
  const native = await import(root + '/dist/native/index.js');
  const payload = Buffer.alloc(158, 7);
  const medianNs = async (run) => {
    const took = [];
    for (let call = 0; call < calls; call++) {
      const beginNs = process.hrtime.bigint();
      run(payload, Number(steps));
      took.push(Number(process.hrtime.bigint() - beginNs));
      await new Promise(setImmediate);
    }
    // Before that it is compiled.
    return took.slice(calls / 2).sort((a, b) => a - b)[calls / 4];
  };
  console.log((await medianNs(compute)) / (await medianNs(native.compute)));
`;

test.each([100_000, million])('JavaScript takes about as long as C++ for %d steps', async (steps) => {
  const root = pathToFileURL(packageRoot()).href;
  const node = [process.execPath, '--input-type=module', '-e', javaScriptOverNative, root, String(steps)];
  const [cpu] = allowedCpus().split(/[-,]/);
  const ratios: number[] = [];
  // On one CPU, as an invoker is: with two, slow code was rare.
  for (let started = 0; started < 5 * turns; started++)
    ratios.push(Number((await execa('taskset', ['--cpu-list', String(cpu), ...node])).stdout));
  if (areFiguresAsked) keepLine('work', `JavaScript over C++, ${steps} steps: ${told(ratios, 3)}`);
  expect(median(ratios)).toBeGreaterThan(0.6);
  expect(median(ratios)).toBeLessThan(1.6);
});
