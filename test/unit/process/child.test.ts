import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BenchError } from '../../../common/cli/errors.js';
import { Child } from '../../../common/process/child.js';
import { killChildren } from '../../../common/process/ending.js';
import type { RunError } from '../../../model/record.js';

type Message =
  | { type: 'ready'; line?: unknown; pid?: number }
  | { type: 'heard'; line: unknown }
  | { type: 'error'; error: RunError };

const graceMs = 5000;
const started: Child<Message>[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);

beforeAll(() => {
  process.on('unhandledRejection', onUnhandled);
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((child) => child.end(0)));
  expect(unhandled).toEqual([]);
});
afterAll(() => {
  process.off('unhandledRejection', onUnhandled);
});

/** Starts test/fakes/child-NAME.mjs and keeps what it says. */
function start(name: string, ...args: string[]) {
  const script = fileURLToPath(new URL(`../../fakes/child-${name}.mjs`, import.meta.url));
  return startWords([process.execPath, script, ...args]);
}

function startWords(words: string[]) {
  const said: Message[] = [];
  const child = new Child<Message>('fake', words, { cell: 'a' }, (message) => said.push(message));
  started.push(child);
  return { child, said };
}

const errorOf = (promise: Promise<unknown>): Promise<BenchError> =>
  promise.then(
    (value) => {
      throw new Error(`it resolved to ${JSON.stringify(value)}`);
    },
    (error: BenchError) => error,
  );

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a child that answers', () => {
  it('is given the context first, then the commands, and leaves at the end of its input', async () => {
    const { child, said } = start('answers');
    expect(await child.expect('ready')).toEqual({ type: 'ready', line: { cell: 'a' } });
    child.command({ type: 'start' });
    expect(await child.expect('heard')).toEqual({ type: 'heard', line: { type: 'start' } });
    await child.end(graceMs);
    expect(said.map(({ type }) => type)).toEqual(['ready', 'heard']);
  });

  it('tells the same message again to whoever asks later, or twice', async () => {
    const { child } = start('answers');
    const [one, two] = await Promise.all([child.expect('ready'), child.expect('ready')]);
    expect(one).toBe(two);
    await child.end(graceMs);
    expect(await child.expect('ready')).toBe(one);
  });

  it('that left cannot be expected to say more', async () => {
    const { child } = start('answers');
    const waiting = errorOf(child.expect('heard'));
    await child.end(graceMs);
    expect(await waiting).toMatchObject({ code: 'CHILD_ENDED', message: 'the fake ended: code 0' });
    expect((await errorOf(child.expect('heard'))).code).toBe('CHILD_ENDED');
  });

  it('that left can be commanded and ended again without harm', async () => {
    const { child } = start('answers');
    await child.end(graceMs);
    child.command({ type: 'stop' });
    await child.end(graceMs);
    expect((await errorOf(child.failure())).code).toBe('CHILD_ENDED');
  });
});

describe('a child that reports an error', () => {
  it('fails with what it reported, not with its exit', async () => {
    const { child, said } = start('reports-error');
    const expected = {
      name: 'BenchError',
      ...{ code: 'XDP_ATTACH', call: 'link_create', errno: 95 },
      message: 'fake: cannot attach: Operation not supported',
    };
    expect(await errorOf(child.expect('ready'))).toMatchObject(expected);
    await child.end(graceMs);
    expect(await errorOf(child.failure())).toMatchObject(expected);
    expect(said).toEqual([]);
  });

  it('fails all who wait', async () => {
    const { child } = start('reports-error');
    const errors = await Promise.all([child.expect('ready'), child.expect('heard'), child.failure()].map(errorOf));
    expect(errors.map(({ code }) => code)).toEqual(['XDP_ATTACH', 'XDP_ATTACH', 'XDP_ATTACH']);
  });
});

describe('a child that dies', () => {
  it('is reported with its exit code and its last words', async () => {
    const { child } = start('dies');
    const { code, message } = await errorOf(child.expect('ready'));
    expect(code).toBe('CHILD_ENDED');
    expect(message).toBe('the fake ended: code 3, last words: segment of doom');
  });

  it('of an exception is reported with its message, the rest being kept', async () => {
    const { child } = start('throws');
    const { message, stderr } = await errorOf(child.expect('ready'));
    expect(message).toBe('the fake ended: code 1, last words: TypeError: the \\u001b[31mumem\\u001b[0m is gone');
    expect(stderr.at(-1)).toMatch(/^Node\.js v/);
    expect(stderr.some((line) => /^\s+at /.test(line))).toBe(true);
  });

  it('while nobody listens is no unhandled rejection', async () => {
    const { child } = start('dies');
    await child.end(graceMs);
    expect((await errorOf(child.failure())).code).toBe('CHILD_ENDED');
  });

  it('because there is no such program says so in one line', async () => {
    const { child } = startWords(['ivb-no-such-program']);
    const { code, message } = await errorOf(child.expect('ready'));
    expect(code).toBe('CHILD_ENDED');
    expect(message).toContain('ENOENT');
    expect(message).not.toContain('\n');
    await child.end(graceMs);
  });
});

describe('a child that ignores the end of its input', () => {
  it('is killed when its grace is over', async () => {
    const { child } = start('stays');
    const { pid = 0 } = await child.expect('ready');
    expect(isAlive(pid)).toBe(true);
    const failure = errorOf(child.failure());
    await child.end(20);
    expect(isAlive(pid)).toBe(false);
    expect((await failure).message).toBe('the fake ended: signal SIGKILL');
  });
});

describe('a child whose own child holds its pipes', () => {
  it('is over although that one goes on', async () => {
    const { child } = start('heirs');
    const { pid = 0 } = await child.expect('ready');
    await child.end(20);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });
});

it('children that are left are killed at once', async () => {
  const { child } = start('stays');
  const { pid = 0 } = await child.expect('ready');
  killChildren();
  expect((await errorOf(child.failure())).message).toBe('the fake ended: signal SIGKILL');
  expect(isAlive(pid)).toBe(false);
});

describe('a child that says garbage', () => {
  it.each([
    ['no JSON', 'Segmentation fault', 'Segmentation fault'],
    ['half a message', '{"type":"rea', '{"type":"rea'],
    ['a very long line', 'x'.repeat(5000), 'x'.repeat(120)],
    ['a blank line', '', ''],
    ['a number', '42', '42'],
    ['null', 'null', 'null'],
  ])('%s', async (_, garbage, shown) => {
    const { child, said } = start('babbles', garbage);
    const { code, message } = await errorOf(child.expect('ready'));
    expect(code).toBe('PROTOCOL');
    expect(message).toBe(`the fake said something that is no message: ${shown}`);
    expect(said).toEqual([]);
  });
});
