import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../common/process/paths.js';
import { parseOptions } from '../../harness/question/options.js';
import { anchorsOf, commandsOf, proseOf, readPages, targetsOf, wordsOf } from '../fakes/docs.js';

const pages = readPages();
const inRoot = (path: string) => join(packageRoot(), path);

/** What a page points at in this tree: a path relative to the package, and an anchor or nothing. */
const pointers = pages.flatMap((page) =>
  targetsOf(page)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#');
      const to = path === '' ? page.path : posix.normalize(posix.join(posix.dirname(page.path), path));
      return { from: page.path, to: to.replace(/\/$/, ''), anchor };
    }),
);

describe('README and docs', () => {
  it('are many pages with many links', () => {
    expect(pages.length).toBeGreaterThan(15);
    expect(pointers.length).toBeGreaterThan(80);
  });

  it('point at what is there', () => {
    expect(pointers.filter(({ to }) => !existsSync(inRoot(to))).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it('point at headings that are there', () => {
    const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page)]));
    const lost = pointers.filter(({ to, anchor }) => anchor !== '' && !anchors.get(to)?.includes(anchor));
    expect(lost.map(({ from, to, anchor }) => `${from} -> ${to}#${anchor}`)).toEqual([]);
  });

  it('are all in the index', () => {
    const listed = pointers.filter(({ from }) => from === 'docs/README.md').map(({ to }) => to);
    expect(pages.map(({ path }) => path).filter((path) => path !== 'docs/README.md' && !listed.includes(path))).toEqual(
      [],
    );
  });

  it('show every picture that is kept', () => {
    const shown = pointers.map(({ to }) => to);
    expect(readdirSync(inRoot('docs/images')).filter((name) => !shown.includes(`docs/images/${name}`))).toEqual([]);
  });

  it('show no picture that is higher than two screens', () => {
    const heights = readdirSync(inRoot('docs/images'))
      .filter((name) => name.endsWith('.svg'))
      .map((name) => Number(/ height="(\d+)"/.exec(readFileSync(inRoot(`docs/images/${name}`), 'utf8'))?.[1]));
    expect(heights.length).toBeGreaterThan(0);
    for (const height of heights) expect(height).toBeLessThan(2000);
  });

  it('begin with what the reader will know', () => {
    const others = pages.filter(
      ({ path, text }) =>
        path.startsWith('docs/') && !/README/.test(path) && !/^# .+\n\nAfter this page you (know|can) /.test(text),
    );
    expect(others.map(({ path }) => path)).toEqual([]);
  });

  it('tell every flag of the main command, and no other', () => {
    const request = parseOptions(['--help'], { readFile: () => '', randomSeed: () => 0, version: '' });
    const help = request.kind === 'help' ? request.text : '';
    const known = [...help.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, flag]) => flag);
    const page = pages.find(({ path }) => path === 'docs/bench.md')?.text ?? '';
    const rows = [...page.matchAll(/^\| (`--.*?`) \|/gm)].flatMap(([, cell = '']) => cell.match(/--[a-z-]+/g) ?? []);
    expect([...new Set(rows)].sort()).toEqual(known.filter((flag) => !/--(help|version)/.test(flag ?? '')).sort());
  });
});

describe('the reader of pages', () => {
  const text =
    '# A `b`: c/d\n\n[x](y.md#z) ![i](p.png) `[no](link)`\n\n```sh\n# all\nnpm run x -- --a \\\n  "b c" # why\n```\n## A b: cd\n';

  it('finds targets, anchors and commands', () => {
    expect(targetsOf({ text })).toEqual(['y.md#z', 'p.png']);
    expect(anchorsOf({ text })).toEqual(['a-b-cd', 'a-b-cd-1']);
    expect(commandsOf({ text })).toEqual(['npm run x -- --a "b c"']);
    expect(proseOf({ text })).not.toContain('npm');
  });

  it.each([
    ['a --b=c', ['a', '--b=c']],
    [`a --s 'x y' z="1 2"`, ['a', '--s', 'x y', 'z=1 2']],
    ["a b | jq '.[]'", ['a', 'b']],
    ['a <> control &', ['a']],
  ])('divides %s', (command, words) => expect(wordsOf(command)).toEqual(words));
});
