import { BenchError } from '../../common/cli/errors.js';
import type { FarHost } from '../../common/far/ssh.js';
import type { RunError } from '../../model/record.js';

/** What ssh and the shell there say, by what it means and what to do. */
const causes: [pattern: RegExp, meaning: (host: FarHost) => string][] = [
  [/could not resolve hostname/i, ({ target }) => `no host ${target} (see ~/.ssh/config, or give its address)`],
  [
    /host key verification failed|remote host identification has changed/i,
    ({ target }) => `the host key of ${target} is not the known one (ssh ${target} shows it)`,
  ],
  [
    /permission denied \(|too many authentication failures/i,
    ({ target }) => `${target} takes none of your keys, and no password is asked for (ssh-copy-id ${target})`,
  ],
  [
    /sudo: .*(password|terminal|not allowed|may not)|is not in the sudoers file/i,
    ({ target }) => `${target} is not root, and sudo asks for a password there (NOPASSWD in sudoers, or root@...)`,
  ],
  [
    /sudo: node: (command )?not found/i,
    ({ target }) => `${target}: sudo finds no command node (secure_path in sudoers, or root@...)`,
  ],
  [/sudo: (command )?not found/i, ({ target }) => `${target} is not root, and there is no sudo`],
  [
    /node: (command )?not found|node: No such file/i,
    ({ target }) => `${target} has no command node (install Node 20 there)`,
  ],
  [
    /SyntaxError|ERR_UNKNOWN_BUILTIN_MODULE|ERR_UNSUPPORTED_ESM_URL_SCHEME|Cannot find module 'node:/,
    ({ target }) => `${target} has an old Node (install Node 20 there; the first node in the PATH of ssh counts)`,
  ],
  [
    /Cannot find module|MODULE_NOT_FOUND/i,
    ({ target, root }) =>
      `${target} has no built invoker-bench in ${root} (dir=... names another folder, bench --ship copies it there)`,
  ],
  [
    /exec: rsync: (command )?not found/i,
    ({ target }) => `${target} has no command rsync (apt-get install rsync there)`,
  ],
  [/no space left on device|disk quota exceeded/i, ({ target, root }) => `${target} has no room for ${root}`],
  [
    /connection refused|connection timed out|no route to host|network is unreachable/i,
    ({ target }) => `${target} cannot be reached by ssh (ssh ${target})`,
  ],
];

/** What ended a process there before it answered, as what to do about it. */
export function explained(host: FarHost, error: RunError): BenchError {
  const lines = error.stderr ?? [];
  for (const [pattern, meaning] of causes) {
    const said = lines.find((line) => pattern.test(line));
    if (said !== undefined)
      return new BenchError('FAR_HOST', `${meaning(host)}; it says: ${said.trim()}`, { call: 'ssh', stderr: lines });
  }
  const said = lines.findLast((line) => !line.startsWith('no connection to')) ?? error.message;
  return new BenchError('FAR_HOST', `${host.target}: ${said.trim()}`, { call: 'ssh', stderr: lines });
}
