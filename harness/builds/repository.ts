import { execaSync } from 'execa';
import { UsageError } from '../../common/cli/errors.js';
import { printable } from '../../common/cli/printable.js';
import { quote } from '../../common/cli/text.js';
import { toolEnvironment } from '../../common/process/tools.js';
import type { Build } from '../../model/pair.js';
import { told } from './make.js';

/** A commit of a range. */
export interface Between extends Build {
  /** Those in the range, or the good one. */
  parents: string[];
}

/** A git repository that is asked and never changed. */
export class Repository {
  readonly root: string;

  /** `root`: a folder of its work tree. */
  constructor(root: string) {
    this.root = root;
  }

  /** The commit that a revision names; throws UsageError, which names the option. */
  resolve(option: string, revision: string): Build {
    const { stdout: commit, stderr } = this.#git(
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${revision}^{commit}`,
    );
    if (!/^[0-9a-f]{40}$/.test(commit)) throw new UsageError(`${option}: ${quote(revision)}: ${this.#whyNot(stderr)}`);
    return this.#describe(commit);
  }

  /**
   * The commits that `bad` contains and that contain `good`, parents before their children, `bad` the last. Of branches that were
   * begun before `good` there is only the merge. Throws UsageError where there are none.
   */
  between(good: Build, bad: Build): Between[] {
    if (good.commit === bad.commit) throw new UsageError(`--good and --bad are the same, ${told(good)}`);
    const range = `${good.commit}..${bad.commit}`;
    const { stdout } = this.#git('log', '--ancestry-path', '--topo-order', '--reverse', '--format=%H,%P,%s', range);
    if (stdout === '') throw new UsageError(`--good: ${told(good)} is no ancestor of that of --bad, ${told(bad)}`);
    const commits = stdout.split('\n').map((line) => {
      const [, commit = '', parents = '', subject = ''] = /^(\w+),([^,]*),(.*)$/.exec(line) ?? [];
      return { commit, parents: parents.split(' '), subject: printable(subject) };
    });
    const members = new Set([good.commit, ...commits.map(({ commit }) => commit)]);
    return commits.map((each) => ({ ...each, parents: each.parents.filter((parent) => members.has(parent)) }));
  }

  #describe(commit: string): Build {
    const { stdout } = this.#git('log', '--no-walk', '--format=%s', commit);
    return { commit, subject: printable(stdout) };
  }

  #whyNot(stderr: string): string {
    const [said] = stderr.split('\n').map((line) => line.replace(/^(fatal|error): /, ''));
    if (said) return said;
    const isShallow = this.#git('rev-parse', '--is-shallow-repository').stdout === 'true';
    return `no commit of this repository${isShallow ? ', which is shallow (git fetch --unshallow)' : ''}`;
  }

  #git(...words: string[]): { stdout: string; stderr: string } {
    const { stdout, stderr, code } = execaSync('git', ['-C', this.root, ...words], {
      reject: false,
      env: toolEnvironment,
    });
    if (code === 'ENOENT')
      throw new UsageError('a commit cannot be looked up: this host has no command git (apt-get install git)');
    return { stdout: stdout ?? '', stderr: stderr ?? '' };
  }
}
