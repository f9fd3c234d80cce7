import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../../common/process/paths.js';

export interface Step {
  name?: string;
  id?: string;
  if?: string;
  uses?: string;
  with?: Record<string, unknown>;
  run?: string;
  env?: Record<string, string>;
}

export interface Job {
  'runs-on': string | string[];
  'timeout-minutes'?: number;
  if?: string;
  env?: Record<string, string>;
  permissions?: Record<string, string> | string;
  container?: { image: string; credentials?: unknown };
  services?: Record<string, { image: string; credentials?: unknown }>;
  uses?: string;
  steps?: Step[];
}

/** A workflow of GitHub Actions, as far as it is looked at here. */
export interface Workflow {
  name?: string;
  on: Record<string, unknown>;
  permissions?: Record<string, string> | string;
  concurrency?: { group: string; 'cancel-in-progress'?: boolean };
  jobs: Record<string, Job>;
}

/** A workflow with its text; the path is relative to the package. */
export interface WorkflowFile {
  path: string;
  text: string;
  workflow: Workflow;
}

export const workflowOf = (path: string, text: string): WorkflowFile => ({ path, text, workflow: parse(text) });

/** All workflows of this project. */
export function readWorkflows(): WorkflowFile[] {
  const folder = '.github/workflows';
  return readdirSync(join(packageRoot(), folder)).map((name) => {
    const path = `${folder}/${name}`;
    return workflowOf(path, readFileSync(join(packageRoot(), path), 'utf8'));
  });
}

export const stepsOf = ({ jobs }: Workflow): Step[] => Object.values(jobs).flatMap(({ steps = [] }) => steps);
