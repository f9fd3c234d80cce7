import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startClosed } from '../../loadgen/engines/closed.js';
import { settled } from '../../loadgen/engines/engine.js';
import { anyCpu } from '../../native/index.js';
import { patience } from '../fakes/patience.js';
import { listeningSocket } from '../fakes/udp.js';

const threads = () => new Set(readdirSync('/proc/self/task'));

describe.each(['stamped', 'plain'] as const)('a closed loop of %s requests', (requests) => {
  it('keeps its threads when it asks no more, and ends them at stop', async () => {
    const server = await listeningSocket();
    onTestFinished(() => {
      server.close();
    });
    server.on('message', (request, from) => server.send(request, from.port, from.address));
    const before = threads();
    const engine = startClosed({
      ...{ serverAddress: Uint8Array.of(127, 0, 0, 1), port: server.address().port, packetBytes: 60 },
      ...{ functionId: 'echo', requests, connections: 4, cpus: [anyCpu, anyCpu], recording: false },
    });
    onTestFinished(() => engine.stop());
    const own = [...threads()].filter((thread) => !before.has(thread));
    expect(own.length).toBeGreaterThanOrEqual(2);
    while ((engine.counters().replied ?? 0) < 10) await pause(1);
    engine.quiesce();
    await settled(engine);
    await pause(patience(200));
    const { sent, replied } = engine.counters();
    expect(replied).toBe(sent);
    expect([...threads()]).toEqual(expect.arrayContaining(own));
    engine.stop();
    // A thread that was joined may be listed for a moment yet.
    const gone = () => own.filter((thread) => !threads().has(thread)).length;
    await expect.poll(gone, { timeout: patience(500) }).toBeGreaterThanOrEqual(2);
    expect(engine.counters()).toMatchObject({ sent, replied });
  });
});
