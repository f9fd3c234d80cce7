import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sessionVersion } from '../../../common/process/protocol.js';
import { BuildCache, buildsFolder } from '../../../harness/builds/cache.js';
import { temporaryFolder } from '../../fakes/folder.js';
import { slow } from '../../fakes/patience.js';
import { commit, emptyRepository } from '../../fakes/repository.js';

/** An invoker that only says its version. */
const invoker = (version: number | string) => `process.stdout.write('${version}\\n');`;

/** A Makefile that builds such an invoker from source.js. */
const makefile = (recipe = 'mkdir -p dist/impls && cp source.js dist/impls/main.js') => `build:\n\t@${recipe}\n`;

const files = { 'package.json': '{"type":"module"}', Makefile: makefile(), 'source.js': invoker(sessionVersion) };

function cached() {
  const [root, folder] = [emptyRepository(), join(temporaryFolder(), 'builds')];
  const said: string[] = [];
  const cache = new BuildCache(folder, root, (line) => said.push(line));
  const buildOf = (message: string, changes: Record<string, string> = {}) => ({
    ...{ commit: commit(root, message, { ...files, ...changes }), subject: message },
  });
  const provide = (build: { commit: string; subject: string }, interrupt = new AbortController().signal) =>
    cache.provide(build, interrupt);
  return { root, folder, said, buildOf, provide, kept: () => (existsSync(folder) ? readdirSync(folder).sort() : []) };
}

describe('a cache of builds', { timeout: 30_000 * slow }, () => {
  afterEach(() => vi.unstubAllEnvs());

  it('builds a commit once, and touches nothing of the work tree', async () => {
    const { root, folder, said, buildOf, provide, kept } = cached();
    const [old, now] = [buildOf('old'), buildOf('now', { 'source.js': `${invoker(sessionVersion)}// now` })];
    const tree = await provide(old);
    expect(tree).toBe(join(folder, old.commit));
    expect(readFileSync(join(tree, 'dist/impls/main.js'), 'utf8')).toBe(invoker(sessionVersion));
    expect(said).toEqual([`Building commit ${old.commit.slice(0, 12)}, old.`]);
    await provide(old);
    expect(said).toHaveLength(1);
    expect(readFileSync(join(await provide(now), 'source.js'), 'utf8')).toMatch(/now$/);
    expect(kept()).toEqual([old.commit, now.commit].sort());
    expect(readdirSync(root).sort()).toEqual(['.git', 'Makefile', 'package.json', 'source.js']);
    expect(existsSync(join(root, '.git/worktrees'))).toBe(false);
  });

  it('is built as ever under a make of its own flags', async () => {
    vi.stubEnv('MAKELEVEL', '1');
    vi.stubEnv('MAKEFLAGS', 'n'); // Says what it would do, and does nothing.
    const { buildOf, provide, kept } = cached();
    const build = buildOf('one');
    await provide(build);
    expect(kept()).toEqual([build.commit]);
  });

  it('is not built twice by two at once', async () => {
    const { said, buildOf, provide } = cached();
    const build = buildOf('one', {
      Makefile: makefile('sleep 0.3; mkdir -p dist/impls && cp source.js dist/impls/main.js'),
    });
    const [first, second] = await Promise.all([provide(build), provide(build)]);
    expect(second).toBe(first);
    expect(said.filter((line) => line.startsWith('Building'))).toHaveLength(1);
    expect(said.filter((line) => line.startsWith('Waiting'))).toHaveLength(1);
  });

  it.each<[string, Record<string, string>, string, RegExp]>([
    [
      'does not build',
      { Makefile: makefile("echo 'native/a.cc:3:5: error: no such thing' >&2; echo note; exit 1") },
      'BUILD',
      /^commit [0-9a-f]{12} does not build: native\/a\.cc:3:5: error: no such thing \(log: .*\/builds\/[0-9a-f]{40}\.log\)$/,
    ],
    [
      'has nothing to build',
      { Makefile: 'other:\n' },
      'BUILD',
      /does not build: make: \*\*\* No rule to make target 'build'\. +Stop\. \(log/,
    ],
    [
      'speaks another version',
      { 'source.js': invoker(sessionVersion + 1) },
      'SESSION',
      new RegExp(`^commit [0-9a-f]{12} speaks version ${sessionVersion + 1} of the protocol of sessions, this harness`),
    ],
    [
      'is of before there were versions',
      { 'source.js': "console.error('invoker-bench: --session-version: unknown flag'); process.exit(2);" },
      'SESSION',
      /is of before the protocol of sessions had a version, this harness speaks version \d+$/,
    ],
    [
      'cannot start',
      { 'source.js': "throw new Error('no addon');" },
      'SESSION',
      /cannot start its invoker: Error: no addon$/,
    ],
  ])('leaves nothing of a commit that %s', async (_, changes, code, message) => {
    const { buildOf, provide, kept } = cached();
    const build = buildOf('odd', changes);
    await expect(provide(build)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(kept()).toEqual(code === 'BUILD' ? [`${build.commit}.log`] : []);
  });

  it('looks at the version of a build that another harness has made, too', async () => {
    const { buildOf, provide, kept } = cached();
    const build = buildOf('one');
    const tree = await provide(build);
    writeFileSync(join(tree, 'dist/impls/main.js'), invoker(99));
    await expect(provide(build)).rejects.toMatchObject({ code: 'SESSION' });
    expect(kept()).toEqual([build.commit]);
  });

  it('leaves nothing of a build that is interrupted, of its processes neither', async () => {
    const { buildOf, provide, kept, folder } = cached();
    const mark = join(temporaryFolder(), 'alive');
    const build = buildOf('slow', { Makefile: makefile(`touch ${mark}.begun; (sleep 2; touch ${mark}) & wait`) });
    const interrupt = new AbortController();
    const providing = provide(build, interrupt.signal);
    while (!existsSync(`${mark}.begun`)) await sleep(10);
    expect(readdirSync(folder)).toEqual(['.partial']);
    interrupt.abort(new Error('enough'));
    await expect(providing).rejects.toThrow('enough');
    expect(kept()).toEqual([]);
    await sleep(2500);
    expect(existsSync(mark)).toBe(false);
    // The lock is free again.
    await provide(buildOf('quick'));
  });

  it('says that a commit cannot be checked out', async () => {
    const { provide, kept } = cached();
    const gone = { commit: '0123456789'.repeat(4), subject: '' };
    await expect(provide(gone)).rejects.toMatchObject({
      code: 'BUILD',
      message: expect.stringMatching(/^commit 012345678901 cannot be checked out: fatal: not a tree object/),
    });
    expect(kept()).toEqual([]);
  });

  it('says that its folder cannot be made', async () => {
    const { root, buildOf } = cached();
    const cache = new BuildCache(join(root, 'Makefile/builds'), root, () => {});
    const { signal } = new AbortController();
    await expect(cache.provide(buildOf('one'), signal)).rejects.toMatchObject({
      ...{ code: 'BUILDS', message: expect.stringMatching(/^the folder of builds, .*, cannot be made \(ENOTDIR\)$/) },
    });
  });

  it('clears up after a build that was killed', async () => {
    const { buildOf, provide, kept, folder } = cached();
    mkdirSync(join(folder, '.partial/dist'), { recursive: true });
    const build = buildOf('one');
    await provide(build);
    expect(kept()).toEqual([build.commit]);
  });

  it('keeps the eight that were used last', async () => {
    const { buildOf, provide, kept } = cached();
    const builds = Array.from({ length: 10 }, (_, index) => buildOf(`commit ${index}`, { index: String(index) }));
    const minutes = (ago: number) => new Date(Date.now() - ago * 60e3);
    for (const [index, build] of builds.slice(0, 8).entries()) {
      const tree = await provide(build);
      utimesSync(tree, minutes(10 - index), minutes(10 - index));
    }
    // The oldest is used again.
    await provide(builds[0] as (typeof builds)[0]);
    for (const build of builds.slice(8)) await provide(build);
    const hashes = (indices: number[]) => indices.map((index) => builds[index]?.commit).sort();
    expect(kept()).toEqual(hashes([0, 3, 4, 5, 6, 7, 8, 9]));
  });

  it('keeps the two of a comparison where the clock went back since all others', async () => {
    const { buildOf, provide, kept } = cached();
    const builds = Array.from({ length: 10 }, (_, index) => buildOf(`commit ${index}`, { index: String(index) }));
    const later = new Date(Date.now() + 3600e3);
    for (const build of builds.slice(0, 8)) utimesSync(await provide(build), later, later);
    const pair = builds.slice(8);
    for (const build of pair) await provide(build);
    expect(kept()).toEqual(expect.arrayContaining(pair.map(({ commit: hash }) => hash)));
    expect(kept()).toHaveLength(8);
  });

  it('installs no Debian package that a commit lists', async () => {
    const { buildOf, provide } = cached();
    const debian = `DEBIAN := ivb-no-such-package\nbuild: debian\n${makefile()}debian:\n\t@for p in $(DEBIAN); do echo "$$p is installed"; exit 1; done\n`;
    const tree = await provide(buildOf('lists one', { Makefile: debian }));
    expect(existsSync(join(tree, 'dist/impls/main.js'))).toBe(true);
  });

  it('copies packages that lie elsewhere, and a link leads to', async () => {
    const { root, buildOf, provide } = cached();
    const elsewhere = temporaryFolder();
    writeFileSync(join(elsewhere, 'own.js'), '{}');
    symlinkSync(elsewhere, join(root, 'node_modules'));
    const recipe = `touch node_modules/built && mkdir -p dist/impls && cp source.js dist/impls/main.js`;
    const changes = { '.gitignore': 'node_modules\n', 'package-lock.json': '{"a":1}', Makefile: makefile(recipe) };
    const tree = await provide(buildOf('linked', changes));
    expect(readdirSync(join(tree, 'node_modules')).sort()).toEqual(['built', 'own.js']);
    expect(readdirSync(elsewhere)).toEqual(['own.js']);
  });

  it('takes the packages of the tree where the commit has the same', async () => {
    const { root, buildOf, provide } = cached();
    mkdirSync(join(root, 'node_modules'));
    for (const name of ['.package-lock.json', 'own.js']) writeFileSync(join(root, 'node_modules', name), '{}');
    const ignored = { '.gitignore': 'node_modules/\n' };
    const recipe = `test node_modules/.package-lock.json -nt package-lock.json && mkdir -p dist/impls && cp source.js dist/impls/main.js`;
    const changes = { ...ignored, 'package-lock.json': '{"a":1}', Makefile: makefile(recipe) };
    const same = buildOf('same', changes);
    expect(existsSync(join(await provide(same), 'node_modules/own.js'))).toBe(true);
    const other = buildOf('other', { ...ignored, 'package-lock.json': '{"a":2}' });
    buildOf('back', changes);
    expect(existsSync(join(await provide(other), 'node_modules'))).toBe(false);
  });
});

describe('the folder of builds', () => {
  it.each([
    [{ XDG_CACHE_HOME: '/var/cache/me' }, /^\/var\/cache\/me\/invoker-bench\/builds$/],
    [{ XDG_CACHE_HOME: 'relative' }, /\/\.cache\/invoker-bench\/builds$/],
    [{ XDG_CACHE_HOME: '' }, /\/\.cache\/invoker-bench\/builds$/],
    [{}, /\/\.cache\/invoker-bench\/builds$/],
  ])('of %j', (environment, folder) => expect(buildsFolder(environment)).toMatch(folder));
});
