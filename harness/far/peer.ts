import { readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { packageDigest, packageVersion } from '../../common/process/version.js';
import { isOlder } from '../measure/host-cannot.js';

/** Who answers, as an agent says it of itself first. */
export interface Hello {
  type: 'hello';
  version: string;
  /** Of the code: packageDigest(). */
  digest: string;
  node: string;
  architecture: string;
  /** `6.8.0-45-generic`. */
  kernel: string;
  /** Of a boot of a kernel and a network namespace: two ends with the same one have no wire between them. */
  host: string;
}

/** Of this process. */
export function ownHello(): Hello {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return {
    type: 'hello',
    version: packageVersion(),
    digest: packageDigest(),
    node: process.versions.node,
    architecture: process.arch,
    kernel: release(),
    host: `${bootId} ${statSync('/proc/self/ns/net').ino}`,
  };
}

/** That package.json asks for. */
const leastNode: [major: number, minor: number] = [20, 19];

/** Why a host cannot measure with this one, in words that follow its name; null if it can. `root`: of its built tree. */
export function whyNotPeer(there: Hello, here: Hello, root: string): string | null {
  if (there.architecture !== here.architecture || there.version !== here.version)
    return (
      `has invoker-bench ${there.version} on ${there.architecture}, this host ${here.version} on ${here.architecture}:` +
      ' both need the same'
    );
  if (isOlder(there.node, leastNode))
    return `has Node ${there.node}, and needs ${leastNode.join('.')} or newer (the first node in the PATH of ssh counts)`;
  if (there.digest !== here.digest)
    return `has other code in ${root} than is here: both need the same commit, built (make build, or bench --ship)`;
  return null;
}
