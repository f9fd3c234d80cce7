import { describe, expect, it } from 'vitest';
import { quote } from '../../../common/cli/text.js';
import { Scaler } from '../../../impls/stand-alone/scaler.js';
import type { ImplementationId } from '../../../model/ids.js';
import { optionsOnLoopback, serviceOn } from '../../fakes/invoker.js';
import { FakeInvoker, threadOf } from '../../fakes/running.js';

/** A scaler of two functions with a thread each, up to 3; what came of its requests is in `events`. */
function scalerOf(id: ImplementationId = 'afxdp') {
  const invoker = new FakeInvoker(threadOf({}), threadOf({}, { port: 1300 }));
  const events: string[] = [];
  const options = optionsOnLoopback([serviceOn(1232), serviceOn(1300)], { maxThreadsPerQueue: 3 });
  const scaler = new Scaler(id, options, {
    scaled: (port, threadsPerQueue) => events.push(`${port} ${threadsPerQueue}`),
    refused: (message) => events.push(message),
  });
  return { scaler, invoker, events };
}

describe('a line', () => {
  it.each([
    ['scale 1232 3', ['1232 3']],
    ['1232 3', ['1232 3']],
    ['  scale\t1300   2\r', ['1300 2']],
    ['', []],
    ['  ', []],
    ['scale 1232 4', ['cannot scale port 1232 to 4: at most 3 threads a queue (see --max-threads)']],
    ['scale 1232 0', ['cannot scale port 1232 to 0: a function keeps at least 1 thread a queue']],
    ['scale 77 1', ['cannot scale port 77 to 1: no function is served there, only on 1232, 1300']],
    ...['scale', 'scale 1232', 'scale 1232 -1', 'scale 1232 2 3', 'scale 1232 1.5', 'grow 1232 2', 'scale1232 2'].map(
      (line): [string, string[]] => [
        line,
        [`cannot obey ${quote(line)}: write scale PORT THREADS, such as scale 1232 3`],
      ],
    ),
  ])('%j', async (line, expected) => {
    const { scaler, invoker, events } = scalerOf();
    scaler.begin(invoker);
    scaler.obey(line);
    await settled();
    await scaler.close();
    expect(events).toEqual(expected);
  });

  it('is refused where the number of threads is fixed', async () => {
    const { scaler, invoker, events } = scalerOf('dgram');
    scaler.begin(invoker);
    scaler.obey('1232 2');
    await settled();
    expect(events).toEqual(['cannot scale port 1232 to 2: dgram has a fixed number of threads']);
    expect(invoker.asked).toEqual([]);
  });

  it('that is no text is refused in one short line', async () => {
    const { scaler, invoker, events } = scalerOf();
    scaler.begin(invoker);
    scaler.obey('\0\x1b[2J\n'.repeat(500));
    await settled();
    expect(events[0]).toMatch(/^[\x20-\x7e…]{10,250}$/);
  });
});

describe('for all functions', () => {
  it('threads are added and removed within bounds', async () => {
    const { scaler, invoker, events } = scalerOf();
    scaler.begin(invoker);
    for (const change of [1, 1, 1, -1, -1, -1]) {
      scaler.addToAll(change);
      await settled();
    }
    const ports = [1232, 1300];
    expect(events).toEqual([
      ...[2, 3].flatMap((threads) => ports.map((port) => `${port} ${threads}`)),
      ...ports.map((port) => `cannot scale port ${port} to 4: at most 3 threads a queue (see --max-threads)`),
      ...[2, 1].flatMap((threads) => ports.map((port) => `${port} ${threads}`)),
      ...ports.map((port) => `cannot scale port ${port} to 0: a function keeps at least 1 thread a queue`),
    ]);
  });

  it('it is one refusal where the number of threads is fixed', async () => {
    const { scaler, invoker, events } = scalerOf('dgram');
    scaler.begin(invoker);
    scaler.addToAll(1);
    await settled();
    expect(events).toEqual(['cannot scale: dgram has a fixed number of threads']);
  });

  it('threads are counted a queue, and those that were scaled away are not', async () => {
    const { scaler, invoker, events } = scalerOf();
    invoker.threads = [
      threadOf({}),
      threadOf({}, { queue: 1 }),
      threadOf({}, { state: 'retired' }),
      threadOf({}, { port: 1300 }),
    ];
    scaler.begin(invoker);
    scaler.addToAll(1);
    await settled();
    expect(events).toEqual(['1232 2', '1300 2']);
  });
});

describe('requests', () => {
  it('wait for the start, and for each other', async () => {
    const { scaler, invoker, events } = scalerOf();
    for (const line of ['1232 2', '1300 3', 'nonsense', '1232 1']) scaler.obey(line);
    scaler.addToAll(1);
    await settled();
    expect([events, invoker.asked]).toEqual([[], []]);
    scaler.begin(invoker);
    await settled();
    const done = ['1232 2', '1300 3', '1232 1', '1232 2'];
    expect(invoker.asked).toEqual(done.flatMap((what) => [`scale ${what}`, `scaled ${what}`]));
    expect(events.map((event) => event.slice(0, 25))).toEqual([
      ...['1232 2', '1300 3', 'cannot obey nonsense: wri', '1232 1', '1232 2', 'cannot scale port 1300 to'].map(
        (event) => event.slice(0, 25),
      ),
    ]);
  });

  it('that fail are told of, and do not stop the next', async () => {
    const { scaler, invoker, events } = scalerOf();
    scaler.begin(invoker);
    invoker.fault = new Error('cannot bind to queue 0 of lo');
    scaler.obey('1232 2');
    await settled();
    invoker.fault = null;
    scaler.obey('1232 3');
    await settled();
    expect(events).toEqual(['cannot scale: cannot bind to queue 0 of lo', '1232 3']);
  });

  it('at the end: the one under way is done, the rest never', async () => {
    const { scaler, invoker } = scalerOf();
    let proceed = () => {};
    invoker.patience = new Promise((resolve) => {
      proceed = resolve;
    });
    scaler.begin(invoker);
    scaler.obey('1232 2');
    scaler.obey('1300 2');
    await settled();
    const closed = scaler.close();
    scaler.obey('1232 3');
    proceed();
    await closed;
    expect(invoker.asked).toEqual(['scale 1232 2', 'scaled 1232 2']);
  });
});

/** Lets everything that can go on without the outside world go on. */
async function settled(): Promise<void> {
  // A turn of the event loop passes before each request.
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
