import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { temporaryFolder } from '../fakes/folder.js';

const folder = join(packageRoot(), 'deploy/runner');
const ours = 'o/r/.github/workflows/nightly.yml@refs/heads/main';

/** Has a runner ask for a job, and says whether that runner goes on. `allowed`: what stands beside the script; null: nothing. */
async function asks(allowed: string | null, workflow: string, event: string): Promise<'goes on' | 'is ended'> {
  const place = temporaryFolder();
  copyFileSync(join(folder, 'job-started.sh'), join(place, 'job-started.sh'));
  if (allowed !== null) writeFileSync(join(place, 'workflow'), `${allowed}\n`);
  // As the runner starts it, and goes on with the steps that want to be run whatever failed.
  const { stdout, signal } = await execa('bash', ['-c', 'bash -e "$0" || :; echo on', join(place, 'job-started.sh')], {
    env: { GITHUB_WORKFLOW_REF: workflow, GITHUB_EVENT_NAME: event },
    reject: false,
  });
  expect([stdout, signal]).toEqual(signal === undefined ? ['on', undefined] : ['', 'SIGKILL']);
  return signal === undefined ? 'goes on' : 'is ended';
}

describe('a runner that is asked for a job', () => {
  it.each([
    [ours, 'schedule', 'goes on'],
    [ours, 'workflow_dispatch', 'goes on'],
    [ours, 'pull_request', 'is ended'],
    [ours, 'push', 'is ended'],
    [ours.replace('main', 'feature'), 'workflow_dispatch', 'is ended'],
    [ours.replace('nightly', 'other'), 'schedule', 'is ended'],
    [ours.replace('o/r', 'p/r'), 'schedule', 'is ended'],
    ['', '', 'is ended'],
  ])('%s on %s: %s', async (workflow, event, what) => expect(await asks(ours, workflow, event)).toBe(what));

  it('takes none where nobody said which', async () => {
    expect(await asks(null, ours, 'schedule')).toBe('is ended');
    expect(await asks('', '', 'schedule')).toBe('is ended');
    expect(await asks(null, 'nothing', 'schedule')).toBe('is ended');
  });
});

describe('an invitation of a runner', () => {
  /** Stands in for a program: keeps its words, and what it reads. */
  const standIn = (place: string, name: string, answers: string) => {
    writeFileSync(join(place, name), `#!/bin/sh\nprintf '%s\\n' "$@" >${place}/${name}.words\n${answers}\n`);
    chmodSync(join(place, name), 0o755);
  };

  it('hands the credential of one job over, and never as a word of a command', async () => {
    const place = temporaryFolder();
    standIn(place, 'gh', 'echo c2VjcmV0');
    standIn(place, 'ssh', `cat >${place}/read`);
    await execa('sh', [join(folder, 'invite.sh'), 'repos/o/r', 'root@bench'], {
      env: { PATH: `${place}:${process.env.PATH}` },
    });
    const words = (name: string) => readFileSync(join(place, `${name}.words`), 'utf8').split('\n');
    expect(words('gh')).toContain('repos/o/r/actions/runners/generate-jitconfig');
    expect(words('gh').filter((word) => word.startsWith('labels'))).toEqual(
      ['self-hosted', 'linux', 'invoker-bench', 'ephemeral'].map((label) => `labels[]=${label}`),
    );
    expect(words('ssh')[0]).toBe('root@bench');
    expect(words('ssh').join()).not.toContain('c2VjcmV0');
    expect(readFileSync(join(place, 'read'), 'utf8')).toBe('ACTIONS_RUNNER_INPUT_JITCONFIG=c2VjcmV0\n');
  });

  it('starts no runner where none was registered', async () => {
    const place = temporaryFolder();
    standIn(place, 'gh', 'exit 1');
    standIn(place, 'ssh', '');
    const { exitCode } = await execa('sh', [join(folder, 'invite.sh'), 'repos/o/r', 'h'], {
      env: { PATH: `${place}:${process.env.PATH}` },
      reject: false,
    });
    expect(exitCode).not.toBe(0);
    expect(existsSync(join(place, 'ssh.words'))).toBe(false);
  });

  it('carries the labels that the workflow asks for', () => {
    const [, labels = ''] =
      /runs-on: \[(.*ephemeral.*)\]/.exec(readFileSync(join(packageRoot(), '.github/workflows/nightly.yml'), 'utf8')) ??
      [];
    const script = readFileSync(join(folder, 'invite.sh'), 'utf8');
    expect(labels.split(', ').map((label) => script.includes(`'labels[]=${label}'`))).toEqual([true, true, true, true]);
  });
});
