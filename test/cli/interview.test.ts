import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { temporaryFolder } from '../fakes/folder.js';
import freshDist from '../fakes/fresh-dist.js';
import { keys, onTerminal } from '../fakes/terminal.js';

const bench = ['node', join(packageRoot(), 'dist/harness/main.js')];

beforeAll(freshDist);

describe('npm run bench without a flag on a terminal', { timeout: 60_000 }, () => {
  it.each([
    ['Ctrl-C at once', [['all: $', keys.interrupt]]],
    ['Ctrl-D at once', [['all: $', keys.end]]],
    [
      'Ctrl-C at the last question',
      [
        ['all: $', keys.enter],
        ['veth: $', keys.enter],
        ['short: $', keys.interrupt],
      ],
    ],
  ] as [string, [string, string][]][])('%s ends it with 130 and leaves nothing', async (_, steps) => {
    const cwd = temporaryFolder();
    const { code, text, left } = await onTerminal(bench, steps, { cwd });
    expect({ code, left }).toEqual({ code: 130, left: 0 });
    expect(text).toMatch(/What do you want to know\?\n {2}1 {2}throughput /);
    expect(text).not.toContain('npm run bench');
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('asks again for what it does not know, and for the ends of a wire', async () => {
    const { code, text } = await onTerminal(bench, [
      ['all: $', `5${keys.enter}`],
      ['all: $', `2${keys.enter}`],
      ['veth: $', `nic${keys.enter}`],
      ['ens4: $', `a/b${keys.enter}`],
      ['ens4: $', `ens4${keys.enter}`],
      ['ens5: $', `ens5${keys.enter}`],
      ['short: $', keys.end],
    ]);
    expect(code).toBe(130);
    expect(text).toContain('server: a/b is not the name of an interface');
    expect(text).toMatch(/1 {2}short {3}about \d+ s: \d implementations, 1 frame size, \d+ repeats?\n/);
  });

  it('shows the command of the answers and runs it', async () => {
    // No such host: the run says so, as with flags.
    const steps: [string, string][] = [
      ['all: $', `capacity${keys.enter}`],
      ['veth: $', `3${keys.enter}`],
      ['10\\.0\\.0\\.10: $', `nobody,if=ens4,ip=10.0.0.10${keys.enter}`],
      ['10\\.0\\.0\\.20: $', `none,if=ens4,ip=10.0.0.20,dir=/opt/a b${keys.enter}`],
      ['short: $', keys.enter],
    ];
    const { code, text } = await onTerminal(bench, steps, { env: { IVB_SSH: 'false' } });
    expect(text).toContain(
      '\nnpm run bench -- --load capacity --impls recvmmsg,afxdp --sizes 800 --repeats 1 --topology remote ' +
        "--server nobody,if=ens4,ip=10.0.0.10 --client 'none,if=ens4,ip=10.0.0.20,dir=/opt/a b' --axis channels=1\n",
    );
    expect(text).toMatch(/\ninvoker-bench: .*nobody/);
    expect(code).toBe(1);
  });

  it('asks nobody where there is a flag', async () => {
    const { code, text } = await onTerminal([...bench, '--dry-run', '--sizes', '200'], []);
    expect(code).toBe(0);
    expect(text).toMatch(/Nothing was touched\.\n$/);
  });
});
