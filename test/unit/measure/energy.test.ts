import { describe, expect, it } from 'vitest';
import { energyBetween, readEnergy } from '../../../harness/measure/energy.js';
import { fakeHost } from '../../fakes/host.js';

const zone = (id: string, name: string, uj?: number): Record<string, string> => ({
  [`/sys/class/powercap/${id}/name`]: `${name}\n`,
  [`/sys/class/powercap/${id}/max_energy_range_uj`]: '262143328850\n',
  ...(uj === undefined ? {} : { [`/sys/class/powercap/${id}/energy_uj`]: `${uj}\n` }),
});

/** As two sockets of a server have it. */
const server = (uj: number) => ({
  ...{ '/sys/class/powercap/intel-rapl/enabled': '1\n' },
  ...zone('intel-rapl:0', 'package-0', uj),
  ...zone('intel-rapl:0:0', 'dram', 10),
  ...zone('intel-rapl:0:1', 'core', 20),
  ...zone('intel-rapl:1', 'package-1', 2 * uj),
  ...zone('intel-rapl:1:0', 'dram', 30),
  ...zone('intel-rapl:2', 'psys', 99),
  ...zone('intel-rapl-mmio:0', 'package-0', 77),
});

describe('energy counters', () => {
  it('are those of packages and memory, each once', () => {
    expect(readEnergy(fakeHost(server(1000)))).toEqual([
      { domain: 'package-0', uj: 1000, rangeUj: 262143328850 },
      { domain: 'package-0/dram', uj: 10, rangeUj: 262143328850 },
      { domain: 'package-1', uj: 2000, rangeUj: 262143328850 },
      { domain: 'package-1/dram', uj: 30, rangeUj: 262143328850 },
    ]);
  });

  it.each<[string, Record<string, string>]>([
    ['a host without RAPL', { '/proc/stat': '' }],
    ['a user who may not read them', zone('intel-rapl:0', 'package-0')],
    ['a folder without zones', { '/sys/class/powercap/intel-rapl/enabled': '0\n' }],
  ])('are none of %s', (_, files) => expect(readEnergy(fakeHost(files))).toEqual([]));
});

describe('energy', () => {
  const counters = (uj: number) => readEnergy(fakeHost(zone('intel-rapl:0', 'package-0', uj)));

  it.each<[string, number, number, number]>([
    ['passed', 1e6, 51e6, 50],
    ['passed while the counter began again', 262143328850 - 2e6, 3e6, 5],
    ['none', 5, 5, 0],
  ])('%s', (_, from, to, joules) => {
    expect(energyBetween(counters(from), counters(to))).toEqual([{ domain: 'package-0', joules }]);
  });

  it('is unknown where a counter came or went', () => {
    expect(energyBetween([], counters(1))).toEqual([]);
    expect(energyBetween(counters(1), [])).toEqual([]);
  });
});
