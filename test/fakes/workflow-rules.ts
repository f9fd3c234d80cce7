import { type Job, type Step, stepsOf, type Workflow, type WorkflowFile } from './workflows.js';

/** What is wrong with a workflow, a line a fault. */
type Rule = (file: WorkflowFile) => string[];

const jobsOf = ({ jobs }: Workflow): [string, Job][] => Object.entries(jobs);

/** What a workflow uses of others: actions, and workflows. */
const usesOf = ({ jobs }: Workflow): string[] =>
  Object.values(jobs).flatMap(({ uses, steps = [] }) => [uses, ...steps.map((step) => step.uses)].filter(isText));

const isText = (value: unknown): value is string => typeof value === 'string';

const runsOf = (workflow: Workflow): string[] => stepsOf(workflow).flatMap(({ run }) => run ?? []);

const scopesOf = (permissions: Workflow['permissions']): string[] =>
  isText(permissions)
    ? [permissions]
    : Object.entries(permissions ?? {}).map(([scope, access]) => `${scope}: ${access}`);

const isSelfHosted = (job: Job): boolean => [job['runs-on']].flat().some((label) => !/^(ubuntu|debian)-/.test(label));

const isAction = (step: Step, name: string): boolean => step.uses?.startsWith(`actions/${name}@`) ?? false;

/** Events that nobody but who may write to the repository makes. */
const trustedEvents = ['schedule', 'workflow_dispatch'];

/** Events with the rights of this repository, made by whoever comes along. */
const dangerousEvents = ['pull_request_target', 'workflow_run', 'issue_comment', 'issues', 'discussion', 'fork'];

/**
 * The rules of zizmor, by its names, that ask nobody and may fire on workflows like these; `timeout` is ours. Stricter than there:
 * an exception is to be made here, in sight.
 */
export const rules: Record<string, Rule> = {
  'unpinned-uses': ({ workflow }) => usesOf(workflow).filter((uses) => !/@[0-9a-f]{40}$/.test(uses)),

  // A hash tells nobody which release it is.
  'ref-version-mismatch': ({ text }) => {
    const lines = [...text.matchAll(/uses: (\S+)(?: # (\S+))?$/gm)].map(([, uses = '', version = '']) => ({
      uses,
      version,
    }));
    const named = new Map(lines.map(({ uses, version }) => [uses, version]));
    return lines
      .filter(({ uses, version }) => !/^v\d+\.\d+\.\d+$/.test(version) || named.get(uses) !== version)
      .map(({ uses, version }) => `${uses} is ${version || 'no version'}`);
  },

  'forbidden-uses': ({ workflow }) => usesOf(workflow).filter((uses) => !uses.startsWith('actions/')),

  'unpinned-images': ({ workflow }) =>
    jobsOf(workflow)
      .flatMap(([, { container, services = {} }]) => [container, ...Object.values(services)])
      .flatMap((one) => one?.image ?? [])
      .filter((image) => !/@sha256:[0-9a-f]{64}$/.test(image)),

  'hardcoded-container-credentials': ({ workflow }) =>
    jobsOf(workflow)
      .filter(([, { container, services = {} }]) =>
        [container, ...Object.values(services)].some((one) => one?.credentials !== undefined),
      )
      .map(([name]) => name),

  'template-injection': ({ workflow }) =>
    stepsOf(workflow)
      .flatMap((step) => [step.run, step.with?.script])
      .filter(isText)
      .filter((script) => script.includes('${{')),

  'excessive-permissions': ({ workflow }) => [
    ...(workflow.permissions === undefined ? ['none are said'] : []),
    ...scopesOf(workflow.permissions).filter((scope) => !/: (read|none)$/.test(scope)),
    ...jobsOf(workflow).flatMap(([, { permissions }]) => scopesOf(permissions).filter((scope) => /-all$/.test(scope))),
    // What writes to the repository never runs code of it.
    ...jobsOf(workflow)
      .filter(([, { permissions }]) => scopesOf(permissions).some((scope) => /: write$/.test(scope)))
      .filter(([, { steps = [] }]) => steps.some((step) => step.run !== undefined || isAction(step, 'checkout')))
      .map(([name]) => `${name} runs code and may write`),
  ],

  'dangerous-triggers': ({ workflow }) => Object.keys(workflow.on).filter((event) => dangerousEvents.includes(event)),

  artipacked: ({ workflow }) =>
    stepsOf(workflow)
      .filter((step) => isAction(step, 'checkout') && step.with?.['persist-credentials'] !== false)
      .map(({ uses = '' }) => uses),

  'self-hosted-runner': ({ workflow }) =>
    jobsOf(workflow)
      .filter(([, job]) => isSelfHosted(job))
      .flatMap(([name, job]) => [
        ...Object.keys(workflow.on)
          .filter((event) => !trustedEvents.includes(event))
          .map((event) => `${name} on ${event}`),
        ...([job['runs-on']].flat().includes('ephemeral') ? [] : [`${name} is not ephemeral`]),
        ...(/github\.ref_name == github\.event\.repository\.default_branch/.test(job.if ?? '')
          ? []
          : [`${name} runs on any branch`]),
        ...(/!github\.event\.repository\.fork/.test(job.if ?? '') ? [] : [`${name} runs in a fork`]),
        ...(scopesOf(job.permissions).some((scope) => /write/.test(scope)) ? [`${name} may write`] : []),
      ]),

  'concurrency-limits': ({ workflow }) => (workflow.concurrency?.group === undefined ? ['no group'] : []),

  timeout: ({ workflow }) =>
    jobsOf(workflow)
      .filter(([, job]) => job['timeout-minutes'] === undefined)
      .map(([name]) => name),

  'secrets-outside-env': ({ text }) => text.match(/secrets(\.\w+|: inherit)/g) ?? [],

  'insecure-commands': ({ text }) => text.match(/ACTIONS_ALLOW_UNSECURE_COMMANDS/g) ?? [],

  'github-env': ({ workflow }) => runsOf(workflow).filter((run) => /GITHUB_(ENV|PATH)\b/.test(run)),

  'cache-poisoning': ({ workflow }) =>
    stepsOf(workflow)
      .filter(
        (step) =>
          isAction(step, 'cache') ||
          (isAction(step, 'setup-node') && (step.with?.['package-manager-cache'] !== false || 'cache' in step.with)),
      )
      .map(({ uses = '' }) => uses),

  'adhoc-packages': ({ workflow }) =>
    runsOf(workflow).filter((run) =>
      /\b(npx|npm (i|install)|(pip|gem|cargo) install|go install|curl|wget)\b/.test(run),
    ),

  'bot-conditions': ({ workflow }) =>
    conditionsOf(workflow).filter((condition) => /github\.(actor|triggering_actor)/.test(condition)),

  // Text around an expression makes the whole a text, and that is true.
  'unsound-condition': ({ workflow }) =>
    conditionsOf(workflow).filter((condition) => condition.includes('${{') && !/^\$\{\{.*\}\}$/.test(condition)),

  'anonymous-definition': ({ workflow }) => (workflow.name === undefined ? ['no name'] : []),
};

const conditionsOf = (workflow: Workflow): string[] =>
  [...Object.values(workflow.jobs), ...stepsOf(workflow)].flatMap((one) => one.if ?? []);

/** What is wrong with a workflow, by the rule. */
export function faultsOf(file: WorkflowFile): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(rules)
      .map(([name, rule]) => [name, rule(file)] as const)
      .filter(([, faults]) => faults.length > 0),
  );
}
