import { tryList, tryRead } from '../../common/process/host-files.js';
import type { HostSources } from '../../common/process/host-sources.js';
import type { EnergyUse } from '../../model/host-use.js';

const folder = '/sys/class/powercap';

/** An energy counter as it stands: microjoules, which begin again at 0 after `rangeUj`. */
export interface EnergyCounter {
  domain: string;
  uj: number;
  rangeUj: number;
}

/**
 * RAPL counters of processor packages and of the memory beside them; none where the host has none or they may not be read
 * (since Linux 5.10 by root alone). Parts of a package are in its own counter, and `psys` holds all: neither is read.
 */
export function readEnergy({ readText, list }: Pick<HostSources, 'readText' | 'list'>): EnergyCounter[] {
  const read = (zone: string, file: string) => tryRead(readText, `${folder}/${zone}/${file}`)?.trim() ?? null;
  return tryList(list, folder)
    .filter((zone) => /^intel-rapl:\d+(?::\d+)?$/.test(zone))
    .sort()
    .flatMap((zone) => {
      const parent = zone.split(':').length === 3 ? read(zone.replace(/:\d+$/, ''), 'name') : null;
      const name = read(zone, 'name');
      const isPackage = parent === null && name?.startsWith('package-');
      const isMemory = parent?.startsWith('package-') && name === 'dram';
      if (!isPackage && !isMemory) return [];
      const [uj, rangeUj] = ['energy_uj', 'max_energy_range_uj'].map((file) => Number(read(zone, file) ?? Number.NaN));
      if (uj === undefined || rangeUj === undefined || !(uj >= 0 && rangeUj > 0)) return [];
      return [{ domain: parent === null ? `${name}` : `${parent}/${name}`, uj, rangeUj }];
    });
}

/**
 * What passed between two readings; a counter that is missing in one of them is left out. One that went back began again
 * once: at 200 W a range of 262 kJ lasts 20 minutes, and readings are a second apart.
 */
export function energyBetween(
  begin: readonly EnergyCounter[],
  end: readonly EnergyCounter[],
): Omit<EnergyUse, 'host'>[] {
  return end.flatMap(({ domain, uj, rangeUj }) => {
    const before = begin.find((counter) => counter.domain === domain);
    if (before === undefined) return [];
    const passedUj = uj - before.uj;
    return [{ domain, joules: (passedUj < 0 ? passedUj + rangeUj : passedUj) / 1e6 }];
  });
}
