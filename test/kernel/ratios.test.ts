import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { Child } from '../../common/process/child.js';
import { childScripts, packageRoot } from '../../common/process/paths.js';
import type { InvokerMessage } from '../../common/process/protocol.js';
import type { Topology } from '../../common/wire/topology.js';
import { interval } from '../../harness/judge/stats.js';
import { generatorHeadroom } from '../../harness/judge/verdict.js';
import type { FunctionId, ImplementationId } from '../../model/ids.js';
import type { Window } from '../../model/record.js';
import { perSecond } from '../../model/record.js';
import { invokerContext } from './cell.js';
import { loadContext } from './load.js';
import { attachPass } from './pass.js';
import { keepLine, told, turns } from './turns.js';
import { buildWire, describeAsRoot } from './wire.js';

/**
 * How much faster one server is than another: their peaks by turns, so that what the machine does for minutes meets both,
 * and the ratios within the turns. IVB_PAIRS names the pairs, as `afxdp/recvmmsg@200 afxdp/afxdp:echo@1400` (one thread,
 * one queue, live frames); IVB_TURNS says how often. What came out is kept in invoker-bench-ratios.txt in the folder for
 * temporary files. Servers that are not ours stand in the file that IVB_SERVERS names, by name: see OtherServer.
 */
const pairs = (process.env.IVB_PAIRS ?? 'afxdp/afxdp:echo@200 recvmmsg/dgram@1400').split(' ').map(pairFrom);
const isAsked = process.env.IVB_PAIRS !== undefined;
const measuredNs = isAsked ? 400e6 : 100e6;
const mostMsOfTurn = 60_000;

/** A program to compare with. `{interface}` in its words becomes the name of the server's interface. */
interface OtherServer {
  command: string[];
  function: 'echo' | 'reverse';
  /** Whether replies go from the addresses and ports that the requests went to; taken for granted. */
  swaps?: boolean;
  /** Whether it attaches no XDP program, without which live frames do not arrive. */
  needsPass?: boolean;
}
const others: Record<string, OtherServer> = process.env.IVB_SERVERS
  ? JSON.parse(readFileSync(process.env.IVB_SERVERS, 'utf8'))
  : {};
/** Until a program of others serves: they do not tell. */
const startsWithinMs = 1000;

interface Pair {
  name: string;
  servers: [string, string];
  packetBytes: number;
}

function pairFrom(name: string): Pair {
  const [, first, second, size] = /^([^/@]+)\/([^/@]+)@(\d+)$/.exec(name) ?? [];
  if (!first || !second) throw new Error(`${name} is no pair of servers: name it as afxdp/recvmmsg@200`);
  return { name, servers: [first, second], packetBytes: Number(size) };
}

/** A server that runs: what the generator must know of it, and what ends it. */
interface Serving {
  functionId: FunctionId;
  swaps: boolean;
  /** Rejects if it had ended before. */
  end(): Promise<void>;
}

/** Its JavaScript keeps to the generator's CPU, as in a benchmark; its thread has the other one. */
async function serveOwn(wire: Topology, name: string): Promise<Serving> {
  const [implementation, functionId = 'reverse'] = name.split(':') as [ImplementationId, FunctionId?];
  const invoker = new Child<InvokerMessage>(
    name,
    [...wire.server.enter, 'taskset', '-c', '0', process.execPath, childScripts.invoker, '--session'],
    invokerContext(wire, implementation, 1, {
      services: [{ port: 1232, functionId, threadsPerQueue: 1 }],
      // What others do with rings, too.
      idle: implementation === 'afxdp' ? 'spin' : 'poll',
      sampleIntervalNs: 1e9,
    }),
    () => {},
  );
  const end = async () => {
    try {
      await invoker.expect('ready');
      invoker.command({ type: 'stop' });
      await invoker.expect('stopped');
    } finally {
      await invoker.end(2000);
    }
  };
  await invoker.expect('ready').catch(end);
  return { functionId, swaps: true, end };
}

async function serveOther({ server }: Topology, other: OtherServer): Promise<Serving> {
  const detach = other.needsPass ? await attachPass(server) : async () => {};
  const words = other.command.map((word) => word.replace('{interface}', server.interface));
  const [file = '', ...args] = [...server.enter, 'taskset', '-c', '1', ...words];
  const running = execa(file, args, { reject: false, stdio: 'ignore', forceKillAfterDelay: 2000 });
  await sleep(startsWithinMs);
  const end = async () => {
    const hadEnded = running.exitCode !== null || running.signalCode !== null;
    running.kill('SIGTERM');
    await running;
    await detach();
    expect(hadEnded).toBe(false);
  };
  return { functionId: other.function, swaps: other.swaps ?? true, end };
}

/** Replies per second at a peak, and whether the generator was the limit. */
interface Peak {
  rate: number;
  bounded: boolean;
}

/** The peak of a server on a wire of its own. */
async function peakOf(name: string, packetBytes: number): Promise<Peak> {
  const wire = await buildWire(1);
  const other = others[name];
  try {
    const serving = await (other ? serveOther(wire, other) : serveOwn(wire, name));
    return await peakAt(wire, packetBytes, serving).finally(() => serving.end());
  } finally {
    await wire.destroy();
  }
}

async function peakAt(wire: Topology, packetBytes: number, { functionId, swaps }: Serving): Promise<Peak> {
  const context = {
    ...loadContext(wire, { kind: 'saturate' }, 'live', measuredNs),
    ...{ functionId, packetBytes, warmupNs: 200e6 },
  };
  const [file = '', ...args] = [...wire.client.enter, 'taskset', '-c', '0', process.execPath];
  const script = join(packageRoot(), 'test/kernel/peak.mjs');
  const words = [...args, script, JSON.stringify({ built: join(packageRoot(), 'dist'), context, swaps })];
  const { stdout } = await execa(file, words, { timeout: mostMsOfTurn / 2 });
  const { measure, overload, wrong } = JSON.parse(stdout) as { measure: Window; overload: Window; wrong: number };
  const rate = perSecond(measure, measure.replied);
  expect(wrong).toBe(0);
  expect(measure.checked).toBeGreaterThan(0);
  // One that came too late for the ramp, so that its peak was looked for at the wrong rate.
  expect(perSecond(overload, overload.replied)).toBeLessThan(2 * rate);
  return { rate, bounded: perSecond(overload, overload.sent) < generatorHeadroom * rate };
}

/** Rates of a server, and whether it could have given more. */
const toldPeaks = (server: string, peaks: Peak[]) => {
  const rates = told(
    peaks.map(({ rate }) => rate),
    0,
  );
  return peaks.some(({ bounded }) => bounded) ? `${server} ≥${rates}, limited by the generator` : `${server} ${rates}`;
};

describeAsRoot('peaks by turns', () => {
  describe.each(pairs)('$name', ({ name, servers, packetBytes }) => {
    test(`${turns} times`, { timeout: turns * mostMsOfTurn }, async ({ signal }) => {
      const peaks: [Peak[], Peak[]] = [[], []];
      for (let turn = 0; turn < turns; turn++) {
        for (const side of turn % 2 ? ([1, 0] as const) : ([0, 1] as const)) {
          signal.throwIfAborted();
          peaks[side].push(await peakOf(servers[side], packetBytes));
        }
      }
      const ratios = peaks[0].map(({ rate }, turn) => rate / (peaks[1][turn] as Peak).rate);
      expect(ratios).toHaveLength(turns);
      if (!isAsked) return;
      const rates = peaks.map((own, side) => toldPeaks(servers[side] as string, own)).join('; ');
      const confidence = (100 * interval(ratios).confidence).toFixed(1);
      keepLine('ratios', `${name}: ${told(ratios, 3)} (${confidence} %, ${turns} turns); replies/s ${rates}`);
    });
  });
});
