import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { temporaryFolder } from '../fakes/folder.js';
import { describeAsRoot } from './wire.js';

const build = `
import { veth } from '${packageRoot()}/dist/common/wire/veth.js';
const wire = await veth.build(1);
await wire.destroy();
console.log(wire.facts.wire);
`;

describeAsRoot('a wire is built', () => {
  test('where the environment is that of cron: no sbin in PATH, no shell above', async () => {
    const home = temporaryFolder();
    // A bash that is not below another shell, with a socket as its input, takes itself for a remote shell: it reads this.
    writeFileSync(join(home, '.bashrc'), `touch ${join(home, 'was-read')}\n`);
    const env = { HOME: home, PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'de_DE.UTF-8' };
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', build], { env, extendEnv: false });
    expect(stdout).toBe('veth, 1 queues a side');
    expect(existsSync(join(home, 'was-read'))).toBe(false);
  });

  test('where there is no PATH at all', async () => {
    const words = ['--input-type=module', '-e', build];
    const { stdout } = await execa(process.execPath, words, { env: {}, extendEnv: false });
    expect(stdout).toBe('veth, 1 queues a side');
  });
});
