import { describe, expect, it } from 'vitest';
import { isOrphan, ownName } from '../../../common/wire/owner.js';
import { checkServices, type ProcessUse, readProcesses, usesBetween } from '../../../harness/doctor/services.js';
import { readView } from '../../../harness/doctor/view.js';
import { twoSockets } from '../../fakes/two-sockets.js';

const ticks = (pid: number, name: string, parent: number, used: number) =>
  `${pid} (${name}) S ${parent} ${'0 '.repeat(9)}${used} ${used} 0 0`;

const read = (stats: string[]) =>
  readProcesses({
    list: () => ['self', ...stats.map((stat) => stat.split(' ')[0] ?? '')],
    text: (path) => stats.find((stat) => path === `/proc/${stat.split(' ')[0]}/stat`) ?? null,
  });

describe('the use of the CPUs by others', () => {
  it('is what they used between two looks, the busiest first', () => {
    const before = read([ticks(7, 'a (b) c', 1, 100), ticks(8, 'idle', 1, 100)]);
    const after = read([ticks(7, 'a (b) c', 1, 110), ticks(8, 'idle', 1, 100), ticks(9, 'new', 1, 50)]);
    expect(usesBetween(before, after, 1e9)).toEqual([
      { pid: 7, name: 'a (b) c', share: 0.2 },
      { pid: 8, name: 'idle', share: 0 },
    ]);
  });

  it('leaves out this process, who started it and whom it started', () => {
    const own = [ticks(5, 'shell', 1, 0), ticks(process.pid, 'node', 5, 0), ticks(4e6, 'lscpu', process.pid, 0)];
    expect(read([...own, ticks(6, 'other', 5, 0)]).map(({ name }) => name)).toEqual(['other']);
  });
});

describe('busy processes', () => {
  const uses = (...shares: number[]): ProcessUse[] =>
    shares.map((share, index) => ({ pid: 7 + index, name: 'burn', share }));

  it.each([
    [[], 'fine', 'none uses more than 5 % of a CPU'],
    [[0.04], 'fine', 'none uses more than 5 % of a CPU'],
    [[0.1], 'could-be-better', 'busy on a CPU: burn (7) 10 %'],
    [[1.5, 0.9, 0.3, 0.1], 'not-trusted', 'busy on a CPU: burn (7) 150 %, burn (8) 90 %, burn (9) 30 % and 1 more'],
  ])('of shares %j', async (shares, level, state) => {
    const view = await readView(twoSockets(), []);
    const findings = checkServices({ ...view, watched: { ...view.watched, processes: uses(...shares) } });
    expect(findings.find(({ id }) => id === 'other-processes')).toMatchObject({ level, state });
  });
});

describe('leftovers', () => {
  const dead = ownName('srv').replace(`ivb-${process.pid}-`, 'ivb-4194305-');
  const leftovers = async (changes: Parameters<typeof twoSockets>[0]) =>
    checkServices(await readView(twoSockets(changes), [])).find(({ id }) => id === 'leftovers');
  const files = { [`/run/netns/${dead}`]: '', [`/run/netns/${ownName('cli')}`]: '', '/run/netns/blue': '' };
  const remedy = 'npm run doctor -- --clean';

  it('are namespaces whose process is gone, not those of one that lives', async () => {
    expect(isOrphan(dead)).toBe(true);
    const state = `namespaces of dead runs: ${dead}`;
    expect(await leftovers({ files })).toMatchObject({ level: 'could-be-better', state, remedy });
  });

  it('are settings that nobody has undone', async () => {
    const leftTuning = ['3 changes of the tuning of eth1'];
    const settings = 'settings of dead runs: 3 changes of the tuning of eth1';
    expect(await leftovers({ leftTuning })).toMatchObject({ level: 'could-be-better', state: settings, remedy });
    expect(await leftovers({ files, leftTuning })).toMatchObject({
      state: `namespaces of dead runs: ${dead}; ${settings}`,
    });
  });

  it('are not told where the journals cannot be read', async () => {
    const leftTuning = new Error('EACCES');
    expect(await leftovers({ leftTuning })).toMatchObject({ level: 'not-told', state: 'EACCES' });
    expect(await leftovers({ files, leftTuning })).toMatchObject({ level: 'could-be-better' });
    expect(await leftovers({})).toMatchObject({ level: 'fine' });
  });
});
