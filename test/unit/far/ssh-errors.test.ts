import { expect, it } from 'vitest';
import { explained } from '../../../harness/far/ssh-errors.js';

const host = { target: 'bench@h1', root: '/srv' };

it.each([
  [
    'no host',
    'ssh: Could not resolve hostname h1: Name or service not known',
    'no host bench@h1 (see ~/.ssh/config, or give its address)',
  ],
  [
    'another host key',
    '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @',
    'the host key of bench@h1 is not the known one (ssh bench@h1 shows it)',
  ],
  [
    'a password',
    'bench@h1: Permission denied (publickey,password).',
    'bench@h1 takes none of your keys, and no password is asked for (ssh-copy-id bench@h1)',
  ],
  [
    'sudo with a password',
    'sudo: a password is required',
    'bench@h1 is not root, and sudo asks for a password there (NOPASSWD in sudoers, or root@...)',
  ],
  [
    'who may not use sudo',
    'bench is not in the sudoers file.',
    'bench@h1 is not root, and sudo asks for a password there (NOPASSWD in sudoers, or root@...)',
  ],
  ['no sudo', 'sh: 1: exec: sudo: not found', 'bench@h1 is not root, and there is no sudo'],
  ['no Node', 'sh: 1: exec: node: not found', 'bench@h1 has no command node (install Node 20 there)'],
  [
    'a Node before modules',
    "SyntaxError: Unexpected token '{'",
    'bench@h1 has an old Node (install Node 20 there; the first node in the PATH of ssh counts)',
  ],
  [
    'no tree',
    "Error: Cannot find module '/srv/dist/common/far/tether-main.js'",
    'bench@h1 has no built invoker-bench in /srv (dir=... names another folder, bench --ship copies it there)',
  ],
  ['no rsync', 'rsync: 1: exec: rsync: not found', 'bench@h1 has no command rsync (apt-get install rsync there)'],
  [
    'a full disk',
    'rsync: [receiver] write failed on "/srv/dist/a.js": No space left on device (28)',
    'bench@h1 has no room for /srv',
  ],
  [
    'nobody there',
    'ssh: connect to host h1 port 22: No route to host',
    'bench@h1 cannot be reached by ssh (ssh bench@h1)',
  ],
])('%s', (_, said, meaning) => {
  const error = {
    code: 'CHILD_ENDED',
    message: 'the agent ended',
    stderr: ['Warning: first', said, 'no connection to h1 any more'],
  };
  expect(explained(host, error)).toMatchObject({ code: 'FAR_HOST', message: `${meaning}; it says: ${said}` });
});

it('what nobody foresaw is told as it is', () => {
  const error = {
    code: 'CHILD_ENDED',
    message: 'the agent ended',
    stderr: ['ENOSPC: no space left', 'no connection to h1 any more'],
  };
  expect(explained(host, error).message).toBe('bench@h1: ENOSPC: no space left');
});
