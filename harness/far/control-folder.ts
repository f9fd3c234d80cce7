import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryList } from '../../common/process/host-files.js';
import { isOrphan, ownName } from '../../common/wire/owner.js';

/** A new folder for the sockets of ssh's connections; its name says which process has it. */
export function makeControlFolder(): string {
  return mkdtempSync(join(tmpdir(), ownName('ssh')));
}

/** Removes this user's folders whose process is gone: those of others are theirs. Returns a sentence for each. */
export function removeControlFolders(): string[] {
  return tryList(readdirSync, tmpdir())
    .filter((name) => /-ssh\w{6}$/.test(name) && isOrphan(name))
    .map((name) => join(tmpdir(), name))
    .filter((folder) => {
      const found = lstatSync(folder, { throwIfNoEntry: false });
      return found?.isDirectory() && found.uid === process.getuid?.();
    })
    .map((folder) => {
      rmSync(folder, { recursive: true, force: true });
      return `Removed ${folder}`;
    });
}
