import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Holder, Lock } from '../../../common/process/lock.js';

let names = 0;
const newName = () => `ivb-test-${process.pid}-${names++}`;
const self: Holder = { pid: process.pid, since: '2026-11-29T10:40:00.000Z', command: 'npm run bench --' };
const remedy = '--wait waits for it';
const never = new AbortController().signal;

/** Another process that holds the lock. */
async function holder(name: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('../../fakes/lock-holder.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, name], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = await once(child.stdout, 'data');
  expect(String(said)).toBe('held\n');
  return child;
}

async function take(name: string): Promise<Lock> {
  const lock = await Lock.take(name, self, remedy);
  onTestFinished(() => lock.release());
  return lock;
}

describe('the lock', () => {
  it('that another process has names it', async () => {
    const name = newName();
    const { pid } = await holder(name);
    await expect(take(name)).rejects.toMatchObject({
      code: 'BUSY',
      message: `another benchmark runs: process ${pid} since 2026-11-29 10:31 UTC, npm run bench -- --sizes 200; ${remedy}`,
    });
  });

  it('that this process has is told to another', async () => {
    const name = newName();
    await take(name);
    await expect(take(name)).rejects.toThrow(`process ${process.pid} since 2026-11-29 10:40 UTC, npm run bench --;`);
  });

  it('of a process that was killed is free', async () => {
    const name = newName();
    const child = await holder(name);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await take(name);
  });

  it('is free again when it was released, and of another name', async () => {
    const name = newName();
    (await take(name)).release();
    await take(name);
    await take(newName());
  });

  it('of a holder that does not speak our language is not had either', async () => {
    const name = newName();
    const squatter = createServer((socket) => socket.on('error', () => {}).write('hello\n'));
    await once(squatter.listen(`\0${name}`), 'listening');
    onTestFinished(() => void squatter.close());
    await expect(take(name)).rejects.toThrow('another benchmark runs: a process that does not answer; --wait');
  });
});

describe('waiting for the lock', () => {
  it.each<[string, (child: ChildProcess) => void]>([
    ['ends', (child) => child.stdin?.end()],
    ['is killed', (child) => child.kill('SIGKILL')],
  ])('takes it when its holder %s', async (_, end) => {
    const name = newName();
    const child = await holder(name);
    const told: (Holder | null)[] = [];
    const lock = await Lock.wait(name, self, never, (busy) => {
      told.push(busy);
      end(child);
    });
    onTestFinished(() => lock.release());
    expect(told).toMatchObject([{ pid: child.pid }]);
    await expect(take(name)).rejects.toThrow(`process ${process.pid} `);
  });

  it('takes it when its holder is killed that never answered', async () => {
    const name = newName();
    const child = await holder(name);
    child.kill('SIGSTOP');
    const told: (Holder | null)[] = [];
    const lock = await Lock.wait(name, self, never, (busy) => {
      told.push(busy);
      child.kill('SIGKILL');
    });
    onTestFinished(() => lock.release());
    expect(told[0]).toBeNull();
  });

  it('is for one at a time', async () => {
    const name = newName();
    const first = await take(name);
    const got: Lock[] = [];
    const waiting = [0, 1].map(() => Lock.wait(name, self, never, () => {}).then((lock) => got.push(lock)));
    first.release();
    await Promise.race(waiting);
    expect(got).toHaveLength(1);
    got[0]?.release();
    await Promise.all(waiting);
    expect(got).toHaveLength(2);
    got[1]?.release();
  });

  it('ends with the interrupt', async () => {
    const name = newName();
    await take(name);
    const interrupt = new AbortController();
    const waiting = Lock.wait(name, self, interrupt.signal, () => interrupt.abort(new Error('enough')));
    await expect(waiting).rejects.toThrow('enough');
  });
});
