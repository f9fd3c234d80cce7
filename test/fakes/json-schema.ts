import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { packageRoot } from '../../common/process/paths.js';
import type { DocumentName } from '../../harness/schema/documents.js';

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictTuples: false });
formats.default(ajv);

/** Where a document does not have the shape that docs/schema/ promises: nothing where it has. */
export function faultsIn(name: DocumentName, document: unknown): string[] {
  const schema = JSON.parse(readFileSync(join(packageRoot(), 'docs/schema', `${name}.schema.json`), 'utf8'));
  const validate = ajv.getSchema(schema.$id) ?? ajv.compile(schema);
  return validate(document)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** The same of the folder of a run: of its host.json, of all its records, of its summary.json. */
export function faultsInFolder(folder: string): string[] {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const records = read('runs.ndjson').trimEnd().split('\n');
  return [
    ...faultsIn('host', JSON.parse(read('host.json'))),
    ...records.flatMap((line) => faultsIn('run', JSON.parse(line))),
    ...faultsIn('summary', JSON.parse(read('summary.json'))),
  ];
}
