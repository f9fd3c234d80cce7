import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../common/process/paths.js';

/** A page for readers; the path is relative to the package. */
export interface Page {
  path: string;
  text: string;
}

/** README and everything in docs. */
export function readPages(): Page[] {
  const docs = readdirSync(join(packageRoot(), 'docs')).filter((name) => name.endsWith('.md'));
  const paths = ['README.md', ...docs.map((name) => `docs/${name}`)];
  return paths.map((path) => ({ path, text: readFileSync(join(packageRoot(), path), 'utf8') }));
}

/** Between fences, which are indented in a list. */
const fence = /^ *```(\w*)\n(.*?)^ *```$/gms;

/** The text between the fences. */
export const proseOf = ({ text }: Pick<Page, 'text'>): string => text.replace(fence, '');

/** What links and images point at, inside of a page or out of it. */
export function targetsOf(page: Pick<Page, 'text'>): string[] {
  const prose = proseOf(page).replace(/`[^`]*`/g, 'code');
  return [...prose.matchAll(/\]\(([^()\s]*(?:\([^()\s]*\))?[^()\s]*)\)/g)].map(([, target = '']) => target);
}

/** The anchors that GitHub makes of a page's headings. */
export function anchorsOf(page: Pick<Page, 'text'>): string[] {
  const seen = new Map<string, number>();
  return [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

/** The commands of the shell blocks, one a line: continued lines joined, comments left out. */
export function commandsOf({ text }: Pick<Page, 'text'>): string[] {
  return [...text.matchAll(fence)]
    .filter(([, language]) => language === 'sh')
    .flatMap(([, , block = '']) => block.replace(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.replace(/(^|\s+)#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** The words of a simple command, up to a pipe or a redirection, without quotes. */
export function wordsOf(command: string): string[] {
  const [words = ''] = command.split(/ (?:[|&<>]|<>)(?: |$)/);
  return (words.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []).map((word) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
}
