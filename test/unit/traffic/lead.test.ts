import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { type LoadMessage, readLines } from '../../../common/process/protocol.js';
import type { LoadQuestion } from '../../../common/process/questions.js';
import { leadSession } from '../../../loadgen/lead.js';
import type { Load } from '../../../model/cell.js';
import { ledGenerators } from '../../fakes/led-generators.js';

/** A session whose input and output are ours. */
function session(load: Load, dies: LoadQuestion['ask'] | 'never' = 'never') {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const said: LoadMessage[] = [];
  readLines(
    output,
    (line) => said.push(JSON.parse(line)),
    () => {},
  );
  const code = leadSession(input as unknown as NodeJS.ReadStream, output as unknown as NodeJS.WriteStream);
  const context = { load, warmupNs: 0, durationNs: 1e9, generators: ledGenerators(3, dies) };
  input.write(`${JSON.stringify(context)}\n`);
  const heard = (type: LoadMessage['type']) => expect.poll(() => said.find((one) => one.type === type)).toBeTruthy();
  return { input, said, code, heard };
}

it('leads the generators of three clients, and speaks as one of them', async () => {
  const { input, said, code, heard } = session({ kind: 'rate', perSecond: 100 });
  await heard('ready');
  expect(said).toEqual([{ type: 'ready', pids: [expect.any(Number), expect.any(Number), expect.any(Number)] }]);
  input.write('{"type":"start"}\n');
  expect(await code).toBe(0);
  const told = said.slice(1).map((message) => (message.type === 'phase' ? message.phase : message.type));
  expect(told).toEqual(['warmup', 'measure', 'window', 'drain', 'done']);
  expect(said.find(({ type }) => type === 'window')).toMatchObject({ window: { phase: 'measure', sent: 100 } });
  expect(said.at(-1)).toMatchObject({
    totals: { generator: { sent: 100, replied: 100 }, clients: [{ host: 'h1' }, { host: 'h2' }, { host: 'h3' }] },
  });
});

it('searches with them as with one', async () => {
  const { input, said, code } = session({ kind: 'saturate' });
  input.write('{"type":"start"}\n');
  expect(await code).toBe(0);
  const windows = said.flatMap((message) => (message.type === 'window' ? [message.window] : []));
  expect(windows[0]).toMatchObject({ phase: 'ramp', offeredPerSecond: 5000 });
  expect(windows.at(-1)?.phase).toBe('measure');
});

it('says which one was lost, and ends', async () => {
  const { input, said, code } = session({ kind: 'closed', connections: 3 }, 'collect');
  input.write('{"type":"start"}\n');
  expect(await code).toBe(1);
  const message = expect.stringMatching(/^the live generator on h3 ended: code 7/);
  expect(said.at(-1)).toMatchObject({ type: 'error', error: { code: 'CHILD_ENDED', message } });
});

it('ends with its input, and all generators with it', async () => {
  const { input, said, code, heard } = session({ kind: 'rate', perSecond: 100 });
  await heard('ready');
  input.end();
  expect(await code).toBe(1);
  const [ready] = said;
  const pids = ready?.type === 'ready' ? ready.pids : [];
  const lives = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  expect(pids.map(lives)).toEqual([false, false, false]);
});
