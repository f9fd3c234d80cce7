import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LivePage } from '../../../harness/live/live-page.js';
import type { LiveState } from '../../../harness/live/live-run.js';
import { FakeLive, planOf50 } from '../../fakes/live.js';
import { freePort, readLive } from '../../fakes/live-reader.js';
import { fakeCompleted, fakeFailed } from '../../fakes/runs.js';

const host = '127.0.0.1';

let port = 0;
let page: LivePage;
beforeEach(async () => {
  port = await freePort();
  page = await LivePage.listen({ host, port });
});
afterEach(() => page.end());

const at = (path: string) => `http://${host}:${port}${path}`;

/** A run that was, one that failed, and one under way. */
function shown(): FakeLive {
  const fake = new FakeLive(planOf50());
  const [first, second, third] = fake.plan.map(({ cell }) => cell);
  if (!first || !second || !third) throw new Error('a plan without cells');
  fake
    .run(fakeCompleted(first, 62_400))
    .run(fakeFailed(second, 'CHILD_ENDED', '</script><img src=x onerror=alert(1)>'));
  fake.tell({ type: 'began', cell: third, repeat: 0 }).tell({ type: 'phase', phase: 'measure' });
  fake.samples('generator', { sent: 0, replied: 0 }, { sent: 220, replied: 200 });
  fake.tell({
    type: 'recorded',
    piece: {
      beginNs: 0,
      endNs: 1e9,
      histogram: [
        [16_600, 10_000],
        [43_100, 200],
      ],
    },
  });
  page.show(() => fake.live.state());
  return fake;
}

describe('the page', () => {
  it('runs its own script and nothing else', async () => {
    const response = await fetch(at('/'));
    const policy = response.headers.get('content-security-policy');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/]{43}='; style-src 'sha256-[\w+/]{43}='; connect-src 'self';/,
    );
    const text = await response.text();
    expect(text).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect(text).not.toMatch(/innerHTML|\sstyle="|\son\w+="/);
  });

  it.each([
    ['/nothing', 'GET', 404],
    ['/', 'POST', 405],
    ['/state.json', 'GET', 503],
    ['/metrics', 'GET', 503],
  ])('%s by %s before the first cell is %i', async (path, method, status) => {
    const response = await fetch(at(path), { method });
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(/^[^\n]+\n$/);
  });
});

describe('events', () => {
  it('tell the state at once, as it changes, and at the end', async () => {
    const fake = shown();
    const reader = readLive(port);
    expect((await reader.next()).runs).toEqual({ done: 2, planned: 50 });
    const third = fake.plan[2]?.cell;
    if (third) fake.tell({ type: 'ended', run: fakeCompleted(third, 100) });
    expect((await reader.next()).runs.done).toBe(3);
    fake.live.end('finished');
    page.end();
    await reader.over;
    expect(reader.events.at(-1)).toMatchObject({ ended: 'finished' });
    await expect(fetch(at('/'))).rejects.toThrow();
  });

  it('wait for the first cell', async () => {
    const reader = readLive(port);
    await sleep(50);
    expect(reader.events).toEqual([]);
    shown();
    expect((await reader.next()).scenario).toBe('quick');
  });

  it('go on for others when one leaves', async () => {
    shown();
    const [first, second] = [readLive(port), readLive(port)];
    await Promise.all([first.next(), second.next()]);
    first.leave();
    await second.next();
    await second.next();
  });

  it('end also for who does not read', async () => {
    shown();
    const silent = request(at('/events')).on('error', () => {});
    const response = new Promise<void>((resolve) => silent.once('response', () => resolve()));
    silent.end();
    await response;
    const closed = new Promise((resolve) => silent.once('close', resolve));
    page.end();
    await closed;
  });
});

it('the state is the same as JSON', async () => {
  shown();
  const state = (await (await fetch(at('/state.json'))).json()) as LiveState;
  expect(state.warnings).toEqual([expect.stringContaining('</script><img')]);
  expect(state.current).toMatchObject({ phase: 'measure' });
});

it('metrics are in the format of Prometheus', async () => {
  shown();
  const response = await fetch(at('/metrics'));
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (const line of [
    'invoker_bench_cells{state="waiting"} 47',
    'invoker_bench_cells{state="failed"} 1',
    'invoker_bench_cells{state="done"} 1',
    'invoker_bench_runs_planned 50',
    'invoker_bench_runs_total 2',
    'invoker_bench_warnings_total 1',
    'invoker_bench_current{scenario="quick",cell="dgram-1T1Q-240-reverse-saturate-",implementation="dgram",load="saturate",matrix="1T1Q",packet_bytes="240",phase="measure"} 1',
    'invoker_bench_round_trip_seconds{quantile="0.5"} 0.0000166',
  ])
    expect(text).toContain(line);
  expect(text).toMatch(/^invoker_bench_replied_total\{implementation="dgram"\} \d+$/m);
  expect(text).toMatch(/^invoker_bench_left_seconds \d/m);
});

describe('an address', () => {
  it('that somebody has is refused in a line', async () => {
    await expect(LivePage.listen({ host, port })).rejects.toMatchObject({
      code: 'LIVE',
      message: `--live: ${host}:${port} is in use (see ss -ltnp)`,
    });
  });

  it('that no interface has, too', async () => {
    await expect(LivePage.listen({ host: '192.0.2.1', port: 8080 })).rejects.toMatchObject({
      message: '--live: 192.0.2.1:8080 cannot be had: no interface has that address',
    });
  });

  it.each([
    ['0.0.0.0', 'whoever reaches'],
    ['127.0.0.2', null],
    ['::1', null],
    ['localhost', null],
  ])('%s is remarked on where others reach it: %s', async (host, remark) => {
    const other = await LivePage.listen({ host, port: await freePort() });
    other.end();
    if (remark === null) expect(other.remark).toBeNull();
    else expect(other.remark).toContain(remark);
  });
});
