import { settingFlags } from '../../common/cli/settings.js';
import type { ImplementationId } from '../../model/ids.js';
import type { ImplementationSettings } from '../../model/settings.js';
import { implementations } from '../table.js';

/** The implementations that have a setting, with their default as it would be written. */
export function defaultsOf<Key extends keyof ImplementationSettings>(key: Key): Map<ImplementationId, string> {
  const { print = String } = settingFlags[key];
  const having = Object.values(implementations).flatMap(({ id, settings }): [ImplementationId, string][] => {
    const value = settings[key];
    return value === undefined ? [] : [[id, print(value)]];
  });
  return new Map(having);
}
