import { execaSync } from 'execa';
import { UsageError } from '../../common/cli/errors.js';
import { printable } from '../../common/cli/printable.js';
import { quote } from '../../common/cli/text.js';
import { toolEnvironment } from '../../common/process/tools.js';
import type { Build } from '../../model/pair.js';
import { told } from './make.js';

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
    return this.#describe([commit])[0] as Build;
  }

  /**
   * The commits after `good` up to `bad`, oldest first: along the first parents, those that have `good` among their
   * ancestors. Throws UsageError where there are none.
   */
  between(good: Build, bad: Build): Build[] {
    if (good.commit === bad.commit) throw new UsageError(`--good and --bad are the same, ${told(good)}`);
    const range = `${good.commit}..${bad.commit}`;
    const { stdout } = this.#git('rev-list', '--first-parent', '--ancestry-path', '--reverse', range);
    const commits = stdout.split('\n').filter((line) => line !== '');
    if (commits.length === 0)
      throw new UsageError(`--good: ${told(good)} is no ancestor of that of --bad, ${told(bad)}`);
    return this.#describe(commits);
  }

  #describe(commits: readonly string[]): Build[] {
    const { stdout } = this.#git('log', '--no-walk=unsorted', '--format=%H %s', ...commits);
    return stdout.split('\n').map((line) => ({ commit: line.slice(0, 40), subject: printable(line.slice(41)) }));
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
