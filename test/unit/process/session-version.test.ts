import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../../common/process/paths.js';
import { sessionVersion } from '../../../common/process/protocol.js';

/** Of the shapes of version 1. */
const digests: Record<number, string> = { 1: '74ffc21e7db0' };

it('the version of sessions is raised when what is said in them changes', () => {
  const text = readFileSync(join(packageRoot(), 'common/process/protocol.ts'), 'utf8');
  const shapes = ['interface InvokerContext ', 'type InvokerMessage =', 'type Command ='].map((begin) => {
    const from = text.indexOf(`export ${begin}`);
    return text.slice(from, text.indexOf('\n\n', from)).replace(/\/\*\*[\s\S]*?\*\/|\s+/g, '');
  });
  const digest = createHash('sha256').update(shapes.join('\n')).digest('hex').slice(0, 12);
  // A change that an invoker or a harness of before would misunderstand raises the version; another one, the digest alone.
  expect(digest).toBe(digests[sessionVersion]);
});
