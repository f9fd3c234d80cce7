import { isDeepStrictEqual } from 'node:util';

/** `host.kernel is 6.1.0, not 6.12.0`: every value of one that the other has not. */
export function differences(one: unknown, other: unknown, path = ''): string[] {
  if (isDeepStrictEqual(one, other)) return [];
  if (!isTable(one) || !isTable(other)) return [`${path} is ${told(one)}, not ${told(other)}`];
  const names = new Set([...Object.keys(other), ...Object.keys(one)]);
  return [...names].flatMap((name) => differences(one[name], other[name], path === '' ? name : `${path}.${name}`));
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function told(value: unknown): string {
  if (value === undefined) return 'missing';
  return typeof value === 'string' ? value || 'blank' : JSON.stringify(value);
}

const mostNamed = 3;

/** Some of them, and how many more there are; there is one or more. */
export function briefly(found: readonly string[]): string {
  const more = found.length > mostNamed ? `; and ${found.length - mostNamed} more` : '';
  return `${found.slice(0, mostNamed).join('; ')}${more}`;
}
