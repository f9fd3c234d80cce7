import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../fakes/folder.js';
import { labFolder } from './kernels.js';

/** Package sources as `change` leaves them, of which the first is not Debian's. */
const otherFirst = [
  'mount -t tmpfs none /etc/apt',
  'mkdir /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/preferences.d',
  'echo "URIs: http://packages.invalid/other" >/etc/apt/sources.list.d/a.sources',
].join(' && ');

/** Runs a script of the lab in a mount and network namespace of its own, after `change`. */
function runAfter(change: string, script: string, ...args: string[]) {
  const code = `${change}; exec "$0" "$@"`;
  const words = ['--mount', '--net', 'sh', '-c', code, join(labFolder, script), ...args];
  const { status, stdout, stderr } = spawnSync('unshare', words, {
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: temporaryFolder() },
  });
  return { status, stdout, stderr };
}

const asRoot = process.getuid?.() === 0;

test.runIf(asRoot).each([
  ['mount --bind /dev/null "$(command -v qemu-system-x86_64)"', /^lab: no qemu-system-x86_64 \(Debian package .*\)\n$/],
  ['mount -t tmpfs none /dev/net', /^lab: no tun device: \/dev\/net\/tun is missing .*\n$/],
  [
    'f=$XDG_CACHE_HOME/meminfo; echo "MemAvailable: 1024000 kB" >$f; mount --bind $f /proc/meminfo',
    /^lab: no memory for a guest: 1000 MiB are available, it takes 3072\n$/,
  ],
  [
    'mount -t tmpfs none /sys/fs/cgroup; echo 1073741824 >/sys/fs/cgroup/memory.max',
    /^lab: no memory for a guest: this container may use 1024 MiB, it takes 3072\n$/,
  ],
])('a host without it is told in one line: %s', (change, words) => {
  const { status, stdout, stderr } = runAfter(change, 'requirements.sh');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(words);
});

test.runIf(asRoot)('without root there is no guest', () => {
  // Where anybody can read it: a checkout may be in a folder of root's.
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  copyFileSync(join(labFolder, 'requirements.sh'), join(folder, 'requirements.sh'));
  const words = ['--reuid', '65534', '--clear-groups', join(folder, 'requirements.sh')];
  const { status, stderr } = spawnSync('setpriv', words, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'lab: needs root, for a tap device and a network namespace\n',
  });
});

test.runIf(asRoot)('a kernel comes from an archive of Debian alone', () => {
  const none = runAfter(otherFirst, 'kernel.sh', '6.1');
  expect(none.stderr).toBe(
    'lab: no kernel 6.1 to be had: the package sources of this host name no archive of Debian\n',
  );
  const second = `${otherFirst} && echo "deb http://mirror.invalid/debian bookworm main" >/etc/apt/sources.list`;
  expect(runAfter(second, 'kernel.sh', '6.1').stderr).toMatch(/mirror\.invalid/);
});

test.runIf(asRoot).each([
  ['5.4', /^lab: no kernel 5\.4 to be had: there are 6\.1, 6\.12 and 7\n$/],
  ['6.1', /^lab: no kernel 6\.1 to be had: .+\n$/],
])('without a way to the archive there is no kernel %s', (kernel, words) => {
  const { status, stdout, stderr } = runAfter(':', 'kernel.sh', kernel);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(words);
});
