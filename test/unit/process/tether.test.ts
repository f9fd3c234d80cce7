import { execFileSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { enterFar, farCommand } from '../../../common/far/ssh.js';
import { holdFar, holdNear } from '../../../common/far/tether.js';

/** Ends at the end of its input, with the number of its lines. */
const counting = ['sh', '-c', 'exit $(wc -l)'];

describe('the far end', () => {
  it.each([
    [['sh', '-c', 'kill -SEGV $$'], 139],
    [['ivb-no-such-program'], 127],
  ])('ends as a shell tells of %j', async (words, code) => {
    expect(await holdFar(words, new PassThrough(), 1000)).toBe(code);
  });

  it('hands lines on but for heartbeats, and ends with its process', async () => {
    const input = new PassThrough();
    const over = holdFar(counting, input, 1000);
    input.end('a\n\n\nb\n');
    expect(await over).toBe(2);
  });

  it('kills a process that stays after the end of input', async () => {
    const input = new PassThrough();
    const over = holdFar(['sh', '-c', 'trap "" TERM; exec sleep 60'], input, 500);
    input.end();
    expect(await over).toBe(137);
  });

  it('ends its process where the near end falls silent', async () => {
    const input = new PassThrough();
    const over = holdFar(counting, input, 1000);
    input.write('a\n\n');
    expect(await over).toBe(1);
  });

  it('lets it run as long as there are heartbeats', async () => {
    const input = new PassThrough();
    const over = holdFar(['sh', '-c', 'sleep 4; exit 7'], input, 1000);
    const beats = setInterval(() => input.write('\n'), 500);
    expect(await over).toBe(7);
    clearInterval(beats);
  });
});

it('the near end beats, hands lines on and ends with what it runs', async () => {
  const input = new PassThrough();
  const over = holdNear(counting, input);
  input.write('a\n');
  await sleep(1200);
  input.end('b\n');
  expect(await over).toBeGreaterThanOrEqual(4);
});

it('a command for a shell there is quoted, and run as root', () => {
  const enter = enterFar({ target: 'bench@h1', root: '/opt/my bench' }, '/tmp/c', 'session');
  const words = farCommand('/opt/my bench', '1000', [...enter.slice(enter.indexOf('ssh')), 'printf', '<%s>', "it's"]);
  expect(words.at(-1)).toMatch(/^exec sh -c 'if \[ "\$\(id -u\)" = 0 \] .*; then exec node /);
  // Its own shell takes it apart again.
  const script = `node() { shift 3; "$@"; }; ${words
    .at(-1)
    ?.replace(/^exec sh -c/, 'eval')
    .replaceAll('exec node', 'node')}`;
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe("<it's>");
  expect(words.slice(-2, -1)).toEqual(['bench@h1']);
});

it('what has a CPU of its own there has its tether on the same', () => {
  const words = farCommand('/opt/bench', '1000', ['ssh', 'h1', '--', 'taskset', '-c', '3', 'node', 'main.js']);
  const there = 'taskset -c 3 node /opt/bench/dist/common/far/tether-main.js far 1000 node main.js';
  expect(words.at(-1)).toContain(`exec ${there}; else exec sudo -n ${there};`);
});
