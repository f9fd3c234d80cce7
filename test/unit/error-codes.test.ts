import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { nativeErrorCodes } from '../../model/error-codes.js';

it('the list of codes is that of the C++', () => {
  const folder = join(packageRoot(), 'native');
  const sources = readdirSync(folder).filter((name) => /\.(cc|h)$/.test(name));
  const thrown = sources.flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    // SystemError("CODE", ...), fail("CODE", ...), fail(cause ? "CODE" : "CODE", ...)
    return [...text.matchAll(/\b(?:SystemError|fail)\(([^,]*),/g)].flatMap(([, first = '']) =>
      [...first.matchAll(/"([A-Z_]+)"/g)].map(([, code]) => code),
    );
  });
  expect([...new Set(thrown)].sort()).toEqual(Object.keys(nativeErrorCodes).sort());
});
