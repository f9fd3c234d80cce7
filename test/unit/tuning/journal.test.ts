import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ownName } from '../../../common/wire/owner.js';
import { hold } from '../../../harness/tuning/holder.js';
import { Refusal, type TuningSite } from '../../../harness/tuning/host.js';
import { parseJournal } from '../../../harness/tuning/journal.js';
import { restoreAbandoned, tellAbandoned } from '../../../harness/tuning/restore.js';
import { temporaryFolder } from '../../fakes/folder.js';
import { FakeHost } from '../../fakes/tuning-host.js';

const napi = '/sys/class/net/eth1/napi_defer_hard_irqs';
const flush = '/sys/class/net/eth1/gro_flush_timeout';
const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const header = { bootId, network: readlinkSync('/proc/self/ns/net'), interface: 'eth1', enter: [], port: 1232 };
const napiChange = { state: 'intended', key: 'napiDeferHardIrqs', name: napi, before: '0', after: '2' };
const flushChange = { state: 'intended', key: 'groFlushTimeoutNs', name: flush, before: '0', after: '5000' };
const pollChange = {
  ...{ state: 'intended', key: 'netBusyPollUs', name: '/proc/sys/net/core/busy_poll', before: '0', after: '50' },
};
const lines = (...objects: object[]) => objects.map((object) => `${JSON.stringify(object)}\n`).join('');
/** Of a process that is gone. */
const dead = ownName('tuning1').replace(/^ivb-\d+/, `ivb-${2 ** 22 + 1}`);
/** Of a process of another PID namespace. */
const elsewhere = 'ivb-7-4711-1-tuning1';

interface Circumstances {
  name?: string;
  /** Whether its interface is gone. */
  gone?: boolean;
  /** Whether it is in this network namespace, and in no other. */
  moved?: boolean;
  /** Whether its process lives. */
  held?: boolean;
  /** Why folders cannot be listed. */
  unlisted?: string;
}

/** What became of a journal, and the host after it. */
async function restored(text: string, values: Record<string, string>, circumstances: Circumstances = {}) {
  const { name = dead, gone = false, moved = false, held = false, unlisted } = circumstances;
  const folder = join(temporaryFolder(), 'tuning');
  mkdirSync(folder);
  const path = join(folder, `${name}.ndjson`);
  writeFileSync(path, text);
  const holder = await hold(join(folder, `${name}.sock`));
  if (held) onTestFinished(() => holder.release());
  else holder.release();
  const host = new FakeHost();
  for (const [file, value] of Object.entries(values)) host.files.set(file, value);
  if (gone) for (const file of host.files.keys()) if (file.startsWith('/sys/')) host.files.delete(file);
  if (unlisted !== undefined)
    host.list = async (path) => {
      throw new Refusal(unlisted, `list ${path}`);
    };
  const sites: TuningSite[] = [];
  const said = await restoreAbandoned(folder, (site) => {
    sites.push(site);
    const nowhere = new FakeHost();
    nowhere.files.clear();
    return moved && site.enter.length > 0 ? nowhere : host;
  }).catch((error: Error) => error.message);
  return { said, host, kept: existsSync(path), sites };
}

describe('a journal', () => {
  it('tells of what was begun and not restored, the last value of each', () => {
    const text = lines(header, napiChange, flushChange, { state: 'restored', key: 'napiDeferHardIrqs', name: napi });
    expect(parseJournal(text)?.open).toEqual([{ key: 'groFlushTimeoutNs', name: flush, before: '0', after: '5000' }]);
  });

  it.each([
    ['nothing', ''],
    ['half a header', '{"bootId":"a"'],
    ['another file', 'text\n'],
    ['a header without an interface', '{"bootId":"a"}\n'],
  ])('of %s tells of nothing', (_, text) => expect(parseJournal(text)).toBeNull());

  it('whose last line is cut short had not made that change', () => {
    const text = lines(header, napiChange) + JSON.stringify(flushChange).slice(0, 40);
    expect(parseJournal(text)?.open.map(({ key }) => key)).toEqual(['napiDeferHardIrqs']);
  });
});

describe('what a killed run left', () => {
  it('is restored in reverse order', async () => {
    const { said, host, kept } = await restored(lines(header, napiChange, flushChange), {
      [napi]: '2',
      [flush]: '5000',
    });
    expect(said).toEqual([
      `groFlushTimeoutNs (${flush}) is 0 again, not 5000`,
      `napiDeferHardIrqs (${napi}) is 0 again, not 2`,
    ]);
    expect(host.done).toEqual([`0 > ${flush}`, `0 > ${napi}`]);
    expect(kept).toBe(false);
  });

  it('and had not yet made is left as it is', async () => {
    const { said, host } = await restored(lines(header, napiChange), {});
    expect(said).toEqual([`napiDeferHardIrqs (${napi}) is 0`]);
    expect(host.done).toEqual([]);
  });

  it('and others have set since is theirs', async () => {
    const { said, host, kept } = await restored(lines(header, napiChange), { [napi]: '9' });
    expect(said).toEqual([`napiDeferHardIrqs (${napi}) is 9 by now, not 2: left alone`]);
    expect([host.done, kept]).toEqual([[], false]);
  });

  it('before a boot ended with it', async () => {
    const text = lines({ ...header, bootId: 'earlier' }, napiChange, flushChange);
    const { said, host, kept } = await restored(text, { [napi]: '2' }, { name: ownName('tuning1') });
    expect(said).toEqual(['2 changes of the tuning of eth1 ended with the boot']);
    expect([host.done, kept]).toEqual([[], false]);
  });

  it('and still runs is respected', async () => {
    const values = { [napi]: '2' };
    const { said, host, kept } = await restored(lines(header, napiChange), values, { held: true });
    expect([said, host.done, kept]).toEqual([[], [], true]);
  });

  it('in another PID namespace is restored as well, and respected while it runs', async () => {
    const values = { [napi]: '2' };
    const { said, kept } = await restored(lines(header, napiChange), values, { name: elsewhere });
    expect([said, kept]).toEqual([[`napiDeferHardIrqs (${napi}) is 0 again, not 2`], false]);
    const live = await restored(lines(header, napiChange), values, { name: elsewhere, held: true });
    expect([live.said, live.host.done, live.kept]).toEqual([[], [], true]);
  });

  it('on an interface that is gone is gone, and that of the host is restored', async () => {
    const text = lines(header, pollChange, napiChange);
    const { said, kept } = await restored(text, { '/proc/sys/net/core/busy_poll': '50' }, { gone: true });
    expect(said).toEqual([
      'netBusyPollUs (/proc/sys/net/core/busy_poll) is 0 again, not 50',
      'eth1 is gone, and what was set on it',
    ]);
    expect(kept).toBe(false);
  });

  it('and cannot be restored is told of, and kept for the next time', async () => {
    const cpu = '/sys/devices/system/cpu/cpufreq/policy0/scaling_governor';
    const change = { state: 'intended', key: 'governor', name: cpu, before: 'powersave', after: 'performance' };
    const { said, kept } = await restored(lines(header, change), {});
    expect(said).toBe(`not restored: governor (${cpu}) cannot be made powersave: ENOENT: no such file or directory`);
    expect(kept).toBe(true);
  });

  it('and held ended with it', async () => {
    const change = { state: 'intended', key: 'cStateLimitUs', name: '/dev/cpu_dma_latency', before: '9', after: '0' };
    const { said, kept } = await restored(lines(header, change), {});
    expect([said, kept]).toEqual([[], false]);
  });

  it.each([
    ['gone', '/run/netns/ivb-1-srv'],
    ['there', '/proc/self/ns/net'],
  ])('on an interface that is back from a namespace that is %s is restored where it is', async (_, name) => {
    const text = lines({ ...header, enter: ['nsenter', `--net=${name}`] }, napiChange);
    const { said, host } = await restored(text, { [napi]: '2' }, { moved: true });
    expect(said).toEqual([`napiDeferHardIrqs (${napi}) is 0 again, not 2`]);
    expect(host.done).toEqual([`0 > ${napi}`]);
  });

  it('in a network namespace that is gone is looked for nowhere else', async () => {
    const text = lines({ ...header, network: 'net:[1]' }, napiChange);
    const { said, host, kept } = await restored(text, { [napi]: '2' });
    expect([said, host.done, kept]).toEqual([['eth1 is gone, and what was set on it'], [], false]);
  });

  it.each([
    ['no file any more', '/run/netns/ivb-none'],
    ['a file of which the namespace was taken off', '/etc/hostname'],
  ])('in a network namespace whose name is %s is gone with it', async (_, name) => {
    const text = lines({ ...header, enter: ['nsenter', `--net=${name}`] }, napiChange);
    const { said, sites, kept } = await restored(text, { [napi]: '2' }, { gone: true });
    expect([said, kept]).toEqual([['eth1 is gone, and what was set on it'], false]);
    expect(sites.every(({ enter }) => enter.length === 0)).toBe(true);
  });

  it('in a network namespace that is still there is restored in it', async () => {
    const { sites, kept } = await restored(lines({ ...header, enter: [] }, napiChange), { [napi]: '2' });
    expect([sites.map(({ enter }) => enter), kept]).toEqual([[[]], false]);
  });

  it("on an interface that cannot be looked for is kept, and what is the host's is restored", async () => {
    const values = { [napi]: '2', '/proc/sys/net/core/busy_poll': '50' };
    const unlisted = 'EMFILE: too many open files';
    const { said, host, kept } = await restored(lines(header, pollChange, napiChange), values, { unlisted });
    expect(said).toBe(
      'netBusyPollUs (/proc/sys/net/core/busy_poll) is 0 again, not 50; ' +
        `not restored: what was set on eth1, which cannot be looked for: ${unlisted}`,
    );
    expect([host.files.get(napi), kept]).toEqual(['2', true]);
  });
});

describe('journals', () => {
  it('that are not there are none', async () => {
    expect(await restoreAbandoned(join(temporaryFolder(), 'none'))).toEqual([]);
  });

  it('that cannot be read are no absence', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, `${dead}.ndjson`));
    const code = { code: 'TUNING_JOURNAL', message: expect.stringMatching(/cannot be read: .*: EISDIR$/) };
    await expect(restoreAbandoned(folder)).rejects.toMatchObject(code);
    expect(readdirSync(folder)).toEqual([`${dead}.ndjson`]);
    await expect(restoreAbandoned('/etc/hostname')).rejects.toThrow('/etc/hostname: ENOTDIR');
  });

  it('are told of without being touched', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, `${dead}.ndjson`), lines(header, napiChange, flushChange));
    writeFileSync(join(folder, `${elsewhere}.ndjson`), lines({ ...header, bootId: 'earlier' }, napiChange));
    expect(await tellAbandoned(folder)).toEqual(['2 changes of the tuning of eth1']);
    expect(readdirSync(folder)).toHaveLength(2);
  });
});
