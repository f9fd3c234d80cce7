import { isIPv4 } from 'node:net';
import { isAbsolute } from 'node:path';
import { UsageError } from '../../common/cli/errors.js';
import { quote } from '../../common/cli/text.js';
import type { FarSide } from '../../model/cell.js';

/** `bench@host1,if=ens4,ip=10.0.0.10[,dir=/opt/invoker-bench][,in-use=ens4]`: an end of a wire between two hosts. */
export function parseFarSide(option: string, text: string): FarSide {
  const [target = '', ...parts] = text.split(',').map((part) => part.trim());
  // A leading dash would be an option of ssh's.
  if (!/^[\w.@:[\]][\w.@:[\]-]*$/.test(target))
    throw new UsageError(`${option}: ${quote(target)} is not a host as ssh takes it, such as bench@host1`);
  const given = new Map<string, string>();
  for (const part of parts) {
    const [, key, value] = /^(if|ip|dir|in-use)=(.+)$/.exec(part) ?? [];
    if (key === undefined || value === undefined)
      throw new UsageError(
        `${option}: ${quote(part)} is none of if=INTERFACE, ip=ADDRESS, dir=FOLDER, in-use=INTERFACE`,
      );
    if (given.has(key)) throw new UsageError(`${option}: ${key} is given twice`);
    given.set(key, value);
  }
  const missing = ['if', 'ip'].find((key) => !given.has(key));
  if (missing !== undefined)
    throw new UsageError(`${option}: needs ${missing}=, as in bench@host1,if=ens4,ip=10.0.0.10`);
  const [name = '', address = '', root = null] = [given.get('if'), given.get('ip'), given.get('dir')];
  if (!/^[^\s/]{1,15}$/.test(name)) throw new UsageError(`${option}: ${quote(name)} is not the name of an interface`);
  if (!isIPv4(address)) throw new UsageError(`${option}: ${quote(address)} is not an IPv4 address`);
  if (root !== null && !isAbsolute(root))
    throw new UsageError(`${option}: dir: ${quote(root)} is not an absolute path`);
  const again = given.get('in-use');
  if (again !== undefined && again !== name)
    throw new UsageError(`${option}: in-use: ${quote(again)} is not ${name}, the interface of this end`);
  return { target, interface: name, address, root, inUse: again === undefined ? 'refuse' : 'allow' };
}
