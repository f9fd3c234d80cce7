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
  const name = readdirSync(folder).find((one) => one.endsWith('.ndjson')) ?? '';
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
    const run = host.run.bind(host);
    host.run = async (...words) => {
      // The kernel forgets of a queue that comes again.
      if (words.join(' ') === 'ethtool -L eth1 combined 2') host.files.set(rps, '00000000,00000000');
      return await run(...words);
    };
    const tuned = await applyTuning({ channels: '1', rps: '0-1' }, host, folder);
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

  it('leaves alone what others have set since, and says so', async () => {
    const [host, folder] = [new FakeHost(), temporaryFolder()];
    const tuned = await applyTuning({ netBusyPollUs: '50', napiDeferHardIrqs: '2' }, host, folder);
    host.files.set(napi, '7');
    await expect(tuned.undo()).rejects.toMatchObject({
      code: 'TUNING_FOREIGN',
      message: `set by others meanwhile: napiDeferHardIrqs (${napi}) is 7 by now, not 2: left alone`,
    });
    expect(host.files.get(napi)).toBe('7');
    expect(host.files.get('/proc/sys/net/core/busy_poll')).toBe('0');
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['found', '0'],
    ['made', '2'],
  ])('is refused where a later setting changes what was %s before, and all is as it was', async (_, value) => {
    const [host, folder] = [new FakeHost(), temporaryFolder()];
    const flush = '/sys/class/net/eth1/gro_flush_timeout';
    host.onWrite = (path, text) => {
      if (path === flush && text === '5000') host.files.set(napi, '3');
    };
    await expect(
      applyTuning({ napiDeferHardIrqs: value, groFlushTimeoutNs: '5000' }, host, folder),
    ).rejects.toMatchObject({
      code: 'TUNING_REFUSED',
      message: `eth1 (driver fake) refuses napiDeferHardIrqs=${value}: once all is set it reads back as 3, not ${value} (${napi})`,
    });
    expect([host.files.get(napi), host.files.get(flush)]).toEqual(['0', '0']);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of idle states holds already where none is deeper', async () => {
    const [host, folder] = [new FakeHost(), temporaryFolder()];
    const state = '/sys/devices/system/cpu/cpu0/cpuidle/state0';
    host.files.set(`${state}/latency`, '2').set(`${state}/disable`, '0');
    const tuned = await applyTuning({ idleStatesUpToUs: '10' }, host, folder);
    expect(factsOf(tuned.applied)).toEqual({
      'tuning.idleStatesUpToUs': '/sys/devices/system/cpu/cpu*/cpuidle = no deeper state',
    });
    await tuned.undo();
    expect([host.done, readdirSync(folder)]).toEqual([[], []]);
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

/** A card that deals its flows out anew with its channels. */
class DealingHost extends FakeHost {
  queues: number[];

  constructor(queues: number[]) {
    super();
    this.queues = queues;
  }

  override async run(...words: string[]): Promise<string> {
    const command = words.join(' ');
    if (command === 'ethtool -x eth1')
      return `RX flow hash indirection table for eth1 with ${this.combined} RX ring(s):\n    0: ${this.queues.join(' ')}\n`;
    const [, weights] = /^ethtool -X eth1 weight ([\d ]+)$/.exec(command) ?? [];
    if (weights !== undefined) {
      this.queues = weights.split(' ').flatMap((entries, ring) => Array<number>(Number(entries)).fill(ring));
      return '';
    }
    const answer = await super.run(...words);
    if (command.startsWith('ethtool -L')) this.queues = this.queues.map((_, index) => index % this.combined);
    return answer;
  }
}

describe('a table of flows, where channels are set,', () => {
  it('is by the same weights again', async () => {
    const host = new DealingHost([0, 0, 0, 1]);
    const tuned = await applyTuning({ channels: '4' }, host, temporaryFolder());
    expect(host.queues).toEqual([0, 1, 2, 3]);
    await tuned.undo();
    expect(host.queues).toEqual([0, 0, 0, 1]);
  });

  it('is not lost where nobody could make it again', async () => {
    const host = new DealingHost([1, 0, 0, 1]);
    await expect(applyTuning({ channels: '4' }, host, temporaryFolder())).rejects.toThrow(
      'refuses channels=4: the rssTable that is there could not be made again (ethtool -X)',
    );
    expect([host.queues, host.done]).toEqual([[1, 0, 0, 1], []]);
  });
});

it('rules for a port, of which several could not be made again in their order, stay', async () => {
  const host = new FakeHost();
  const asked: string[] = [];
  host.run = async (...words) => {
    asked.push(words.join(' '));
    const rule = (id: number) =>
      `Filter: ${id}\n\tRule Type: UDP over IPv4\n\tDest port: 1232 mask: 0x0\n\tAction: Direct to queue ${id}\n\n`;
    return `4 RX rings available\nTotal 2 rules\n\n${rule(1)}${rule(2)}`;
  };
  await expect(applyTuning({ ntupleQueue: '3' }, host, temporaryFolder())).rejects.toThrow(
    'refuses ntupleQueue=3: the ntupleQueue that is there could not be made again (udp4 dst-port 1232)',
  );
  expect(asked.filter((command) => /delete|flow-type/.test(command))).toEqual([]);
});

describe('interrupts', () => {
  /** Those of the card, by their numbers; all others are of a disk. */
  const number = (host: FakeHost, irqs: Record<number, string>) => {
    for (const path of host.files.keys()) if (path.includes('msi_irqs')) host.files.delete(path);
    for (const irq of Object.keys(irqs)) host.files.set(`/sys/class/net/eth1/device/msi_irqs/${irq}`, '');
    const lines = [25, 26, 30, 31].map(
      (irq) => ` ${irq}:   0   7   PCI-MSI ${irq}-edge   ${irqs[irq] ?? `nvme0q${irq}`}\n`,
    );
    host.files.set('/proc/interrupts', lines.join(''));
  };
  const affinity = (irq: number) => `/proc/irq/${irq}/smp_affinity_list`;
  const tuned = async () => {
    const host = new FakeHost();
    for (const irq of [25, 26, 30, 31]) host.files.set(affinity(irq), '0-3');
    number(host, { 25: 'eth1-TxRx-0', 26: 'eth1-TxRx-1' });
    const { undo } = await applyTuning({ irqAffinity: '2+3' }, host, temporaryFolder());
    const all = () => [25, 26, 30, 31].map((irq) => host.files.get(affinity(irq)));
    expect(all()).toEqual(['2', '3', '0-3', '0-3']);
    return { host, undo, all };
  };

  it('are found again by their names where they have other numbers', async () => {
    const { host, undo, all } = await tuned();
    number(host, { 30: 'eth1-TxRx-0', 31: 'eth1-TxRx-1' });
    host.files.set(affinity(30), '2').set(affinity(31), '3');
    await undo();
    expect(all()).toEqual(['2', '3', '0-3', '0-3']);
  });

  it('that the card has no more are told of, and those of others left alone', async () => {
    const { host, undo, all } = await tuned();
    number(host, { 25: 'eth1-TxRx-0' });
    await expect(undo()).rejects.toThrow('set by others meanwhile: irqAffinity (eth1-TxRx-1) is gone');
    expect(all()).toEqual(['0-3', '3', '0-3', '0-3']);
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

  it('waits until irqbalance has stopped, and until it goes on', async () => {
    const host = new FakeHost();
    const stat = '/proc/77/stat';
    host.files.set(stat, `77 (irqbalance) R 1 ${'0 '.repeat(17)}4711 0`);
    const signal = host.signal.bind(host);
    host.signal = (...sent) => void setTimeout(() => signal(...sent), 30);
    const tuned = await applyTuning({ irqbalance: 'paused' }, host, temporaryFolder());
    expect(host.files.get(stat)).toContain(') T ');
    await tuned.undo();
    expect(host.files.get(stat)).toContain(') S ');
  });

  it('says that there is no irqbalance', async () => {
    const tuned = await applyTuning({ irqbalance: 'paused' }, new FakeHost(), temporaryFolder());
    expect(tuned.applied).toMatchObject([{ after: 'absent', state: 'unchanged' }]);
  });
});
