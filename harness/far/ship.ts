import { existsSync, readFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { BenchError } from '../../common/cli/errors.js';
import { asRoot, type FarHost, quoted, sshWords } from '../../common/far/ssh.js';
import { track } from '../../common/process/ending.js';
import { machineLock } from '../../common/process/lock.js';
import { packageRoot } from '../../common/process/paths.js';
import { explained } from './ssh-errors.js';

const addon = 'build/Release/invoker.node';

/** What is run there, and what its digest is made of. */
const parts = ['dist', 'native', 'bpf', 'runtimes', addon, 'package.json'];

/** The npm packages that processes on another host import: all but those of plans, judges and reports. */
export const shippedPackages = ['execa', 'hdr-histogram-js', 'prom-client'];

/** In a folder that was made by ship(): nothing else is overwritten. */
const mark = '.shipped';

/** What a host refuses a copy with: a line of its standard error. */
const refusal = 'ship: ';

/**
 * Makes the tree of a host a copy of this one, less what is not needed there. Rejects with BenchError FAR_HOST, in one line, where
 * that cannot be; a folder that holds anything else is left as it is.
 */
export async function ship(host: FarHost, controlPath: string): Promise<void> {
  const { target, root } = host;
  for (const part of [...parts, 'node_modules'])
    if (!existsSync(join(packageRoot(), part)))
      throw new BenchError('FAR_HOST', `--ship: there is no ${part} here to be copied (make build)`);
  const words = [
    ...[
      '--recursive',
      '--relative',
      '--links',
      '--perms',
      '--chmod=D755,F644',
      '--checksum',
      '--delete',
      '--protect-args',
    ],
    // For people; and what each host installs for itself.
    ...['--exclude=*.map', '--exclude=*.ts', '--exclude=/runtimes/node_modules'],
    ...['-e', sshWords(controlPath).map(forRsync).join(' ')],
    `--rsync-path=exec sh -c ${quoted(receiver(root))} rsync`,
    ...[...parts, ...packagesOf(shippedPackages)],
    `${bracketed(target)}:${root}/`,
  ];
  const copying = execa('rsync', words, {
    ...{ cwd: packageRoot(), reject: false, env: { LC_ALL: 'C' } },
    ...{ stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  });
  track(copying, () => copying.kill('SIGKILL'));
  const { failed, stderr, exitCode, signal, code } = await copying;
  if (!failed) return;
  if (code === 'ENOENT')
    throw new BenchError('FAR_HOST', '--ship: this host has no command rsync (apt-get install rsync)');
  throw whyNot(host, stderr, `rsync ended with ${signal ?? `code ${exitCode}`}`);
}

function whyNot(host: FarHost, stderr: string, otherwise: string): BenchError {
  // That it has ended is what rsync says last; why, before.
  const lines = stderr.split('\n').filter((line) => line !== '' && !/^rsync error:|unexpectedly closed/.test(line));
  const refused = lines.find((line) => line.startsWith(refusal));
  if (refused !== undefined) return new BenchError('FAR_HOST', `${host.target}: ${refused.slice(refusal.length)}`);
  return explained(host, { code: 'FAR_HOST', message: otherwise, stderr: lines });
}

/** A shell's script that becomes the rsync of its arguments, as root's, where the folder is there for it. */
function receiver(root: string): string {
  const tree = quoted(root);
  const refuse = (text: string) => `{ echo ${quoted(`${refusal}${text}`)} >&2; exit 1; }`;
  const script = [
    `[ "$(uname -m)" = ${machine()} ] || ${refuse(`it is no ${machine()} host, and cannot run this tree`)}`,
    // Its processes are started from there. Node may fill up the name of its lock.
    `! grep -q ' @${machineLock}@*$' /proc/net/unix || ${refuse('another benchmark runs there: nothing is copied meanwhile')}`,
    `umask 022; mkdir -p ${tree} || exit`,
    `[ -e ${tree}/${mark} ] || [ -z "$(ls -A ${tree})" ] || ${refuse(
      `${root} holds what --ship has not written there, and is left as it is (dir=... names another folder)`,
    )}`,
    `: >${tree}/${mark} || exit`,
    'exec rsync "$@"',
  ];
  return asRoot(`sh -c ${quoted(script.join('; '))} rsync "$@"`);
}

/** Folders of packages and of all that they depend on. */
export function packagesOf(names: readonly string[]): string[] {
  const found = new Set<string>();
  const add = (name: string, within: string) => {
    const folder = folderOf(name, within);
    if (found.has(folder)) return;
    found.add(folder);
    const { dependencies = {} } = JSON.parse(readFileSync(join(packageRoot(), folder, 'package.json'), 'utf8'));
    for (const dependency of Object.keys(dependencies)) add(dependency, folder);
  };
  for (const name of names) add(name, '');
  return [...found];
}

/** Where Node finds a package that is imported in the folder of another. */
function folderOf(name: string, within: string): string {
  const own = join(within, 'node_modules', name);
  if (within === '' || existsSync(join(packageRoot(), own))) return own;
  return folderOf(name, within.slice(0, Math.max(0, within.lastIndexOf('node_modules/') - 1)));
}

/** It parts words at spaces, but for those in quotes. */
const forRsync = (word: string) => (word.includes(' ') ? `"${word}"` : word);

/** An address of IPv6 as rsync takes it. */
const bracketed = (target: string) => target.replace(/[^@[\]]*:[^@[\]]*$/, '[$&]');
