import { z } from 'zod';
import { schemaVersion } from '../../model/record.js';
import { prologue } from './prologue.js';
import { run } from './run.js';
import { summary } from './summary.js';

export const documentNames = ['host', 'run', 'summary'] as const;

export type DocumentName = (typeof documentNames)[number];

const documents: Record<DocumentName, { schema: z.ZodType; title: string; description: string }> = {
  host: {
    schema: prologue,
    title: 'host.json',
    description:
      'What is known of a bench before its first cell: question, plan, machine, what the generators can send.',
  },
  run: {
    schema: run,
    title: 'A line of runs.ndjson',
    description:
      'One attempt at a cell: completed with all that was read, skipped with a reason, or failed with an error.',
  },
  summary: {
    schema: summary,
    title: 'summary.json',
    description:
      'What a reader may quote of a bench, cell by cell in the order of the plan; made from the records alone.',
  },
};

/** A document's JSON Schema (draft 2020-12) as the text of its file in docs/schema/. */
export function jsonSchema(name: DocumentName): string {
  const { schema, title, description } = documents[name];
  const { $schema, ...body } = z.toJSONSchema(schema, { target: 'draft-2020-12', override: withoutNoise });
  const head = { $schema, $id: `urn:invoker-bench:schema:${name}:${schemaVersion}`, title, description };
  return `${JSON.stringify({ ...head, ...body }, null, 2)}\n`;
}

/** What zod says to itself: names of parts, which are those of `$defs`, and that integers are exact in a double. */
function withoutNoise({ jsonSchema: made }: { jsonSchema: Record<string, unknown> }): void {
  delete made.id;
  // A number of a template.
  if (typeof made.pattern === 'string') made.pattern = made.pattern.replace('-?\\d+', '[1-9]\\d*');
  if (made.maximum === Number.MAX_SAFE_INTEGER) delete made.maximum;
  if (made.minimum === Number.MIN_SAFE_INTEGER) delete made.minimum;
  if (made.format === 'date-time') delete made.pattern;
}
