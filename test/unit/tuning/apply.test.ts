import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyTuning } from '../../../harness/tuning/apply.js';
import { factsOf } from '../../../harness/tuning/describe.js';
import { Refusal } from '../../../harness/tuning/host.js';
import { temporaryFolder } from '../../fakes/folder.js';
import { FakeHost } from '../../fakes/tuning-host.js';

const napi = '/sys/class/net/eth1/napi_defer_hard_irqs';
const journalIn = (folder: string) => {
  const [name = ''] = readdirSync(folder);
  return readFileSync(join(folder, name), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line));
};

describe('a tuning', () => {
  it('is made in the order of the table and undone in reverse', async () => {
    const [host, folder] = [new FakeHost(), temporaryFolder()];
    const tuned = await applyTuning(
      { napiDeferHardIrqs: '2', rps: '0-1', channels: '4', netBusyPollUs: '0' },
      host,
      folder,
    );
    const made = [
      'ethtool -L eth1 combined 4',
      '00000003 > /sys/class/net/eth1/queues/rx-0/rps_cpus',
      '00000003 > /sys/class/net/eth1/queues/rx-1/rps_cpus',
      `2 > ${napi}`,
    ];
    expect(host.done).toEqual(made);
    expect(factsOf(tuned.applied)).toEqual({
      'tuning.netBusyPollUs': '/proc/sys/net/core/busy_poll = 0',
      'tuning.channels': 'ethtool -L combined 2 -> combined 4',
      'tuning.rps':
        '/sys/class/net/eth1/queues/rx-0/rps_cpus off -> 0-1, /sys/class/net/eth1/queues/rx-1/rps_cpus off -> 0-1',
      'tuning.napiDeferHardIrqs': `${napi} 0 -> 2`,
    });
    await tuned.undo();
    expect(host.done.slice(made.length)).toEqual([
      `0 > ${napi}`,
      '0 > /sys/class/net/eth1/queues/rx-1/rps_cpus',
      '0 > /sys/class/net/eth1/queues/rx-0/rps_cpus',
      'ethtool -L eth1 combined 2',
    ]);
    expect(readdirSync(folder)).toEqual([]);
    await tuned.undo();
    expect(host.done).toHaveLength(2 * made.length);
  });

  it('is in the journal before it is made', async () => {
    const [host, folder] = [new FakeHost(), temporaryFolder()];
    const journaled: unknown[] = [];
    host.onWrite = () => journaled.push(journalIn(folder).at(-1));
    const tuned = await applyTuning({ napiDeferHardIrqs: '2' }, host, folder);
    await tuned.undo();
    expect(journaled.slice(0, 1)).toEqual([
      { state: 'intended', key: 'napiDeferHardIrqs', name: napi, before: '0', after: '2' },
    ]);
  });

  it('that makes queues anew leaves those as they were', async () => {
    const [host, folder] = [new FakeHost(), temporaryFolder()];
    const rps = '/sys/class/net/eth1/queues/rx-1/rps_cpus';
    host.files.set(rps, '00000000,00000002');
    const tuned = await applyTuning({ channels: '1', rps: '0-1' }, host, folder);
    // The kernel forgets of a queue that comes again.
    host.files.set(rps, '00000000,00000000');
    await tuned.undo();
    expect(host.files.get(rps)).toBe('00000002');
    expect(host.combined).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is refused names each refusal in its own word, and leaves nothing', async () => {
    const [host, folder] = [new FakeHost(), temporaryFolder()];
    const asked = { channels: '9', rxRing: '512', governor: 'performance', napiDeferHardIrqs: '2' };
    await expect(applyTuning(asked, host, folder)).rejects.toMatchObject({
      code: 'TUNING_REFUSED',
      message:
        'this host refuses governor=performance: no CPU has a governor here (/sys/devices/system/cpu/cpufreq/policy*); ' +
        'eth1 (driver fake) refuses channels=9: requested channel count exceeds maximum; Invalid argument ' +
        '(ethtool -L eth1 combined 9); rxRing=512: Operation not supported (ethtool -g eth1)',
    });
    expect(host.files.get(napi)).toBe('0');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that a driver rounds is refused, and what it made of it is undone', async () => {
    const [host, folder] = [new FakeHost(), temporaryFolder()];
    const write = host.write.bind(host);
    host.write = (path, text) => write(path, text === '3' ? '4' : text);
    await expect(applyTuning({ napiDeferHardIrqs: '3' }, host, folder)).rejects.toThrow(
      `eth1 (driver fake) refuses napiDeferHardIrqs=3: it reads back as 4, not 3 (${napi})`,
    );
    expect(host.files.get(napi)).toBe('0');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is half made by a driver that refuses it is undone', async () => {
    const [host, folder] = [new FakeHost(), temporaryFolder()];
    const write = host.write.bind(host);
    host.write = async (path, text) => {
      await write(path, text === '3' ? '1' : text);
      if (text === '3') throw new Refusal('EINVAL: invalid argument', `write 3 to ${path}`);
    };
    await expect(applyTuning({ napiDeferHardIrqs: '3' }, host, folder)).rejects.toThrow('EINVAL: invalid argument');
    expect(host.files.get(napi)).toBe('0');
  });

  it('leaves alone what others have set since', async () => {
    const [host, folder] = [new FakeHost(), temporaryFolder()];
    const tuned = await applyTuning({ napiDeferHardIrqs: '2' }, host, folder);
    host.files.set(napi, '7');
    await tuned.undo();
    expect(host.files.get(napi)).toBe('7');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that cannot be undone is told of, and stays in the journal', async () => {
    const [host, folder] = [new FakeHost(), temporaryFolder()];
    const tuned = await applyTuning({ netBusyPollUs: '50', napiDeferHardIrqs: '2' }, host, folder);
    host.files.delete(napi);
    await expect(tuned.undo()).rejects.toMatchObject({
      code: 'TUNING_STAYS',
      message: `not restored: napiDeferHardIrqs (${napi}) cannot be made 0: ENOENT: no such file or directory`,
    });
    expect(host.files.get('/proc/sys/net/core/busy_poll')).toBe('0');
    expect(journalIn(folder).map(({ state, key }) => `${state} ${key}`)).toEqual([
      'intended netBusyPollUs',
      'intended napiDeferHardIrqs',
      'restored netBusyPollUs',
    ]);
  });

  it('touches nothing where no journal can be written', async () => {
    const host = new FakeHost();
    await expect(applyTuning({ napiDeferHardIrqs: '2' }, host, '/proc/none')).rejects.toMatchObject({
      code: 'TUNING_JOURNAL',
      message: expect.stringMatching(/^nothing is tuned without a journal: \/proc\/none\/ivb-.*: ENOENT$/),
    });
    expect(host.done).toEqual([]);
  });

  it('of nothing needs no journal', async () => {
    const tuned = await applyTuning({}, new FakeHost(), '/proc/none');
    expect(tuned.applied).toEqual([]);
    await tuned.undo();
  });
});

describe('what is held', () => {
  it('limits C-states until it is undone', async () => {
    const host = new FakeHost();
    const tuned = await applyTuning({ cStateLimitUs: '0' }, host, temporaryFolder());
    expect(host.latencyUs).toBe(0);
    await tuned.undo();
    expect(host.latencyUs).toBe(2_000_000_000);
  });

  it('stops irqbalance where no systemd runs it, and lets it go on', async () => {
    const host = new FakeHost();
    host.files.set('/proc/77/stat', `77 (irqbalance) S 1 ${'0 '.repeat(17)}4711 0`);
    host.files.set('/proc/78/stat', `78 (irq (S) balance) S 1 ${'0 '.repeat(17)}4712 0`);
    const tuned = await applyTuning({ irqbalance: 'paused' }, host, temporaryFolder());
    expect(tuned.applied).toMatchObject([
      { name: 'process 77 started at tick 4711', before: 'running', after: 'paused' },
    ]);
    await tuned.undo();
    expect(host.signals).toEqual(['SIGSTOP 77', 'SIGCONT 77']);
  });

  it('says that there is no irqbalance', async () => {
    const tuned = await applyTuning({ irqbalance: 'paused' }, new FakeHost(), temporaryFolder());
    expect(tuned.applied).toMatchObject([{ after: 'absent', state: 'unchanged' }]);
  });
});
