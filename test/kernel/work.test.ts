import { execa } from 'execa';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { allowedCpus } from '../../harness/measure/affinity.js';
import { datapathIds, dpdkIds } from '../../model/ids.js';
import { measureStep } from '../../native/index.js';
import { invokerContext, runCell } from './cell.js';
import { loadContext } from './load.js';
import { keepLine, told, turns } from './turns.js';
import { buildWire, describeAsRoot } from './wire.js';

const asked = 1e6;
const [cpu = 0] = allowedCpus().split(/[-,]/).map(Number);

/** Keeps ratios of the time that steps took to the one that was asked for, if figures were. */
function keepRatios(what: string, ratios: number[]): void {
  if (process.env.IVB_TURNS !== undefined) keepLine('work', `${what}, measured/asked: ${told(ratios, 3)}`);
}

describeAsRoot('work', () => {
  test.each([...datapathIds, ...dpdkIds])('on %s takes about the time of its steps', async (id) => {
    const wire = await buildWire(1);
    const load = loadContext(wire, { kind: 'closed', connections: 1 }, 'socket', 300e6);
    const shortestNs = async (workSteps: number) => {
      const context = invokerContext(wire, id, 1, { receivePath: 'plain', workSteps });
      const { load: totals, ledger } = await runCell(wire, context, load);
      expect(ledger).toMatchObject({ wrong: 0, residual: 0 });
      const [[ns] = [0]] = totals.histogram;
      return ns;
    };
    const ratios: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const stepNs = measureStep(1);
      // Where a reply takes that long, those who wait for it sleep, and wake later than they would find one at once.
      const onceNs = await shortestNs(asked);
      ratios.push(((await shortestNs(2 * asked)) - onceNs) / asked / stepNs);
    }
    keepRatios(id, ratios);
    // The speed of a shared CPU changes in between.
    expect(Math.min(...ratios)).toBeGreaterThan(0.5);
    expect(Math.max(...ratios)).toBeLessThan(2);
  });
});

const javaScriptOverNative = `
  const { compute } = await import(process.argv[1] + '/dist/impls/work.js');
  const native = await import(process.argv[1] + '/dist/native/index.js');
  const payload = Buffer.alloc(158, 7);
  const medianNs = async (run) => {
    const took = [];
    for (let call = 0; call < 60; call++) {
      const beginNs = process.hrtime.bigint();
      run(payload, ${asked});
      took.push(Number(process.hrtime.bigint() - beginNs));
      await new Promise(setImmediate);
    }
    return took.slice(30).sort((a, b) => a - b)[15];
  };
  console.log((await medianNs(compute)) / (await medianNs(native.compute)));
`;

// On one CPU, as an invoker is: there V8 compiles late, and what it then compiled some processes kept for good.
test('work takes JavaScript as long as C++, in each process', async () => {
  const node = [process.execPath, '--input-type=module', '-e', javaScriptOverNative, packageRoot()];
  const words = ['--cpu-list', String(cpu), ...node];
  const ratios: number[] = [];
  for (let started = 0; started < 5 * turns; started++) {
    const { stdout } = await execa('taskset', words);
    ratios.push(Number(stdout));
  }
  keepRatios('JavaScript over C++', ratios);
  expect(Math.min(...ratios)).toBeGreaterThan(0.6);
  expect(Math.max(...ratios)).toBeLessThan(1.6);
});
