import { execaSync } from 'execa';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../common/cli/errors.js';
import { Repository } from '../../../harness/builds/repository.js';
import { temporaryFolder } from '../../fakes/folder.js';
import { commit, emptyRepository } from '../../fakes/repository.js';

/** Main has first, second, a merge of a branch with one commit, and last. */
function merged() {
  const root = emptyRepository();
  const git = (...words: string[]) => execaSync('git', ['-C', root, ...words]).stdout;
  const first = commit(root, 'first', { a: '1' });
  const second = commit(root, 'second', { a: '2' });
  git('checkout', '-q', '-b', 'side/work', first);
  const aside = commit(root, 'aside', { b: '1' });
  git('checkout', '-q', 'main');
  git('-c', 'user.name=T', '-c', 'user.email=t@example.org', 'merge', '-q', '--no-ff', '-m', 'merge', 'side/work');
  const merge = git('rev-parse', 'HEAD');
  const last = commit(root, 'last\n\nwith a body', { a: '3' });
  return { repository: new Repository(root), root, first, second, aside, merge, last };
}

describe('a repository', () => {
  it('knows the commit that a revision names', () => {
    const { repository, last, second, aside } = merged();
    expect(repository.resolve('--good', 'main')).toEqual({ commit: last, subject: 'last' });
    expect(repository.resolve('--good', 'main~2')).toEqual({ commit: second, subject: 'second' });
    expect(repository.resolve('--good', 'side/work')).toEqual({ commit: aside, subject: 'aside' });
    expect(repository.resolve('--good', aside.slice(0, 8)).commit).toBe(aside);
  });

  it.each([
    ['gone', '--good: gone: no commit of this repository'],
    ['--all', '--good: --all: no commit of this repository'],
    ['', '--good: "": no commit of this repository'],
    ['main..HEAD', '--good: main..HEAD: no commit of this repository'],
    ['main:a', '--good: main:a: no commit of this repository'],
  ])('refuses %j', (revision, message) => {
    const { repository } = merged();
    expect(() => repository.resolve('--good', revision)).toThrow(new UsageError(message));
  });

  it('says that a clone is shallow, and what helps', () => {
    const { root } = merged();
    const clone = temporaryFolder();
    execaSync('git', ['clone', '-q', '--depth', '1', `file://${root}`, clone]);
    expect(() => new Repository(clone).resolve('--good', 'HEAD~1')).toThrow(
      '--good: HEAD~1: no commit of this repository, which is shallow (git fetch --unshallow)',
    );
  });

  it('says that a folder is no repository', () => {
    expect(() => new Repository(temporaryFolder()).resolve('--good', 'main')).toThrow(
      /^--good: main: not a git repository/,
    );
  });

  it('lists what contains a commit, and what that is made of', () => {
    const { repository, first, second, aside, merge, last } = merged();
    const build = (hash: string) => ({ commit: hash, subject: '' });
    const between = (good: string, bad: string) => repository.between(build(good), build(bad));
    const all = between(first, last);
    expect(all).toHaveLength(4);
    expect(all).toEqual(
      expect.arrayContaining([
        { commit: second, subject: 'second', parents: [first] },
        { commit: aside, subject: 'aside', parents: [first] },
      ]),
    );
    expect(all.slice(2)).toEqual([
      { commit: merge, subject: 'merge', parents: [second, aside] },
      { commit: last, subject: 'last', parents: [merge] },
    ]);
    // Of a branch that was begun before it: the merge alone.
    expect(between(second, last)).toEqual([
      { commit: merge, subject: 'merge', parents: [second] },
      { commit: last, subject: 'last', parents: [merge] },
    ]);
    expect(() => between(last, first)).toThrow(
      new UsageError(
        `--good: commit ${last.slice(0, 12)} is no ancestor of that of --bad, commit ${first.slice(0, 12)}`,
      ),
    );
    expect(() => between(second, aside)).toThrow(/is no ancestor/);
    expect(() => between(last, last)).toThrow(
      new UsageError(`--good and --bad are the same, commit ${last.slice(0, 12)}`),
    );
  });

  it('knows an ancestor that is deep in a branch', () => {
    const { repository, root, last } = merged();
    const git = (...words: string[]) => execaSync('git', ['-C', root, ...words]).stdout;
    git('checkout', '-q', '-b', 'deep', last);
    const [one, two, three] = ['one', 'two, three, and four', 'three'].map((name) =>
      commit(root, name, { [name]: '1' }),
    );
    git('checkout', '-q', 'main');
    commit(root, 'main goes on', { c: '1' });
    git('-c', 'user.name=T', '-c', 'user.email=t@example.org', 'merge', '-q', '--no-ff', '-m', 'merge deep', 'deep');
    const bad = repository.resolve('--bad', 'main');
    const found = repository.between({ commit: one as string, subject: '' }, bad);
    expect(found.map(({ commit: hash, subject }) => [hash, subject])).toEqual([
      [two, 'two, three, and four'],
      [three, 'three'],
      [bad.commit, 'merge deep'],
    ]);
    expect(found.map(({ parents }) => parents)).toEqual([[one], [two], [three]]);
  });
});
