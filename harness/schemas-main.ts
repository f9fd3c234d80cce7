import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../common/process/paths.js';
import { documentNames, jsonSchema } from './schema/documents.js';

/** Writes docs/schema/*.schema.json (`npm run schemas`). */
for (const name of documentNames)
  writeFileSync(join(packageRoot(), 'docs/schema', `${name}.schema.json`), jsonSchema(name));
