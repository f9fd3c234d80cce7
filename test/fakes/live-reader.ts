import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import type { LiveState } from '../../harness/live/live-run.js';

/** A TCP port of the loopback that nobody has. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Who reads the events of a live page. */
export interface LiveReader {
  readonly events: LiveState[];
  /** The next one that was not told yet; rejects where the page ends before it. */
  next(): Promise<LiveState>;
  /** Resolves when the page has ended. */
  readonly over: Promise<void>;
  leave(): void;
}

export function readLive(port: number): LiveReader {
  const events: LiveState[] = [];
  let [told, ended] = [0, false];
  let wake = () => {};
  const asked = get(`http://127.0.0.1:${port}/events`, (response) => {
    let rest = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) events.push(JSON.parse(part.replace(/^data: /, '')) as LiveState);
      wake();
    });
  });
  asked.on('error', () => {}); // It ends then, too.
  const over = new Promise<void>((resolve) => asked.once('close', resolve)).then(() => {
    ended = true;
    wake();
  });
  return {
    events,
    over,
    leave: () => asked.destroy(),
    async next() {
      while (events.length <= told) {
        if (ended) throw new Error('the page has ended');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return events[told++] as LiveState;
    },
  };
}
