import { describe, expect, it } from 'vitest';
import { circleIn, importsOf, readSources } from '../fakes/sources.js';

const sources = readSources();
const ours = sources.filter(({ path }) => !path.startsWith('test/'));

/** A rule about the arrows out of the files that match `from`: what they must not point at. */
interface Rule {
  name: string;
  from: RegExp;
  never: RegExp;
}

const rules: Rule[] = [
  { name: 'model/ is the bottom', from: /^model\//, never: /^(?!model\/)/ },
  { name: 'common/ serves all and knows nobody', from: /^common\//, never: /^(?!common\/|model\/)/ },
  { name: 'native/ is mechanism', from: /^native\//, never: /^(harness|impls|loadgen)\// },
  { name: 'eBPF programs know nothing of their loader', from: /^bpf\//, never: /^(?!bpf\/)/ },
  { name: 'impls/ do not know who asks', from: /^impls\//, never: /^(harness|loadgen)\// },
  { name: 'loadgen/ does not know who is measured', from: /^loadgen\//, never: /^(harness|impls)\// },
  { name: 'harness/ opens no data socket', from: /^harness\//, never: /^(native|loadgen)\// },
  {
    name: 'harness/ knows of impls/ the functions and what implementations can do',
    from: /^harness\//,
    never: /^impls\/(?!(functions|abilities)\.ts$)/,
  },
  {
    name: 'a question knows nothing of what comes of it',
    from: /^harness\/question\//,
    never: /^harness\/(?!question\/)|^common\/(process|wire)\//,
  },
  {
    name: 'a plan starts nothing',
    from: /^harness\/plan\//,
    never: /^harness\/(?!plan\/|question\/)|^common\/(wire\/|process\/child\.ts)/,
  },
  {
    name: 'judges start nothing and open no file',
    from: /^harness\/judge\//,
    never: /^harness\/(?!judge\/)|^common\/(process\/|wire\/(?!drops\.ts))/,
  },
  {
    name: 'reports are made without the runner, of what the judges say',
    from: /^harness\/report\//,
    never: /^harness\/(measure|plan|question|store|judge|[^/]+\.ts)|^common\/(process\/child\.ts|wire\/)/,
  },
  {
    name: 'what runs in a browser has no host beneath it',
    from: /^harness\/report\/(page|trend)\/browser\//,
    never:
      /^(?!harness\/report\/(page\/(browser\/|address|content|packing|view-table)|trend\/(browser\/|content)|units|charts\/palette))/,
  },
  {
    name: 'the runner knows no report, no question, and nobody who looks on',
    from: /^harness\/measure\//,
    never: /^harness\/(report|question|live|[^/]+\.ts)/,
  },
  {
    name: 'who looks on starts nothing, and knows of the runner what happens',
    from: /^harness\/live\//,
    never:
      /^harness\/(far|tuning|state|store|doctor|question|[^/]+\.ts|measure\/(?!events\.ts))|^common\/(wire\/|process\/child\.ts)/,
  },
  { name: 'builds are made without what is measured', from: /^harness\/builds\//, never: /^harness\/(?!builds\/)/ },
  {
    name: 'the state of a host is read without knowing what is measured on it',
    from: /^harness\/state\//,
    never: /^harness\/(?!state\/|tuning\/)/,
  },
  {
    name: 'the doctor looks at a host and measures nothing',
    from: /^harness\/doctor\//,
    never: /^harness\/(?!doctor\/|tuning\/|measure\/(cpu-time|host|host-cannot|quota)\.ts)|^common\/process\/child\.ts/,
  },
  {
    name: 'tuning knows the host and its journal, not what is measured',
    from: /^harness\/tuning\//,
    never: /^harness\/(?!tuning\/)|^common\/wire\/(?!owner\.ts)/,
  },
  { name: 'schemas describe the model', from: /^harness\/schema\//, never: /^(?!model\/|harness\/schema\/)/ },
  { name: 'a store keeps what it is given', from: /^harness\/store\//, never: /^harness\/(?!store\/)/ },
  {
    name: 'the report command does without the bench command',
    from: /^harness\/(report-(command|main)|publish)\.ts$/,
    never: /^harness\/(bench-command|main|(measure|plan|question)\/.*)/,
  },
  {
    name: 'an implementation knows no other',
    from: /^impls\/(afpacket|afxdp|iouring|recvfrom|recvmmsg|tc|xdp)\.ts$/,
    never: /^impls\/(dgram|afpacket|afxdp|iouring|recvfrom|recvmmsg|tc|xdp)/,
  },
  {
    name: 'implementations do not know the stand-alone invoker',
    from: /^impls\/(?!stand-alone\/|main\.ts)/,
    never: /^impls\/stand-alone\//,
  },
  { name: 'engines know no load', from: /^loadgen\/engines\//, never: /^loadgen\/(?!engines\/)/ },
  { name: 'traffic knows no load', from: /^loadgen\/traffic\//, never: /^loadgen\/(?!engines\/|traffic\/)/ },
  { name: 'loads know no command', from: /^loadgen\/loads\//, never: /^loadgen\/(?!engines\/|traffic\/|loads\/)/ },
  { name: 'what is shipped knows no test', from: /^/, never: /^test\// },
];

const forbidden = ({ from, never }: Rule, files: { path: string; imports: { path: string }[] }[]) =>
  files
    .filter(({ path }) => from.test(path))
    .flatMap(({ path, imports }) => imports.filter((to) => never.test(to.path)).map((to) => `${path} -> ${to.path}`));

/** Files whose text matches, comments included: a rule that a comment breaks is a rule to reword. */
const mentioning = (pattern: RegExp, files = ours) =>
  files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

describe('arrows', () => {
  it.each(rules)('$name', (rule) => {
    expect(ours.some(({ path }) => rule.from.test(path))).toBe(true);
    expect(forbidden(rule, ours)).toEqual([]);
  });

  it('form no circle', () => expect(circleIn(sources)).toBeNull());
});

describe('places', () => {
  it('only the files of the addon know Node-API', () => {
    expect(mentioning(/#\s*include\s*<napi\.h>|node_api\.h/)).toEqual(['native/addon_values.h']);
    expect(mentioning(/#\s*include\s*"addon/).filter((path) => !/^native\/addon[_.]/.test(path))).toEqual([]);
  });

  it('only the starting points of processes read argv and exit', () => {
    const elsewhere = mentioning(/\bprocess\.(argv|exit)\b/).filter(
      (path) => !/\/(main|[a-z]+-main|dgram-worker)\.ts$/.test(path),
    );
    expect(elsewhere).toEqual([]);
  });

  it('nothing native ends the process or prints', () => {
    const native = ours.filter(({ path }) => /\.(cc|h)$/.test(path));
    expect(mentioning(/\b(_?exit|abort|f?printf|puts)\s*\(|std::(cout|cerr)/, native)).toEqual([]);
  });

  it('no time is measured by the wall clock, which may jump', () => {
    const wallClock = /\bDate\.now\b|CLOCK_REALTIME|system_clock|gettimeofday|ktime_get_real|\bstd::time\b/;
    expect(mentioning(wallClock)).toEqual([]);
  });

  it('no file is longer than 300 lines, no test than 400', () => {
    const long = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    expect(long.filter(({ path, lines }) => lines > (path.startsWith('test/') ? 400 : 300))).toEqual([]);
  });
});

describe('the walk itself', () => {
  it('sees every room', () => {
    const seen = new Set(sources.map(({ path }) => path.split('/')[0]));
    expect([...seen].sort()).toEqual(['bpf', 'common', 'harness', 'impls', 'loadgen', 'model', 'native', 'test']);
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(200);
  });

  const known = new Set(['harness/model.ts', 'harness/run.ts', 'harness/a.ts', 'native/b.h', 'bpf/c.h']);
  it.each([
    ['harness/a.ts', "import { x } from './model.js';", 'harness/model.ts', 'value'],
    ['harness/a.ts', "import {\n  x,\n  type Y,\n} from './model.js';", 'harness/model.ts', 'value'],
    ['harness/report/a.ts', "import type { X } from '../run.js';", 'harness/run.ts', 'type'],
    ['impls/a.ts', "export { x } from '../harness/run.js';", 'harness/run.ts', 'value'],
    ['impls/a.ts', "import '../harness/run.js';", 'harness/run.ts', 'value'],
    ['impls/a.ts', `await import(${"'../harness/run.js'"});`, 'harness/run.ts', 'value'],
    ['native/a.cc', '#include "b.h"\n#include <c.h>', 'native/b.h', 'value'],
    ['native/a.cc', '#include "../bpf/c.h"', 'bpf/c.h', 'value'],
  ])('of %s reads %j', (path, text, to, kind) => {
    expect(importsOf(path, text, known)).toEqual([{ path: to, kind }]);
  });

  it.each([
    ['harness/a.ts', "import { x } from 'execa';\nimport fs from 'node:fs';"],
    ['native/a.cc', '#include "steer.skel.h"'],
  ])('of %s leaves out %j', (path, text) => expect(importsOf(path, text, known)).toEqual([]));

  it('refuses an import that leads nowhere', () => {
    expect(() => importsOf('harness/a.ts', "import './gone.js';", known)).toThrow('harness/a.ts imports ./gone.js');
  });

  it('finds a forbidden arrow', () => {
    const files = [{ path: 'loadgen/a.ts', imports: [{ path: 'impls/table.ts' }, { path: 'native/index.ts' }] }];
    expect(rules.flatMap((rule) => forbidden(rule, files))).toEqual(['loadgen/a.ts -> impls/table.ts']);
  });

  it.each<['value' | 'type', string[] | null]>([
    ['value', ['b', 'c', 'b']],
    ['type', null],
  ])('a circle closed by a %s import', (kind, circle) => {
    const arrow = (path: string, to: string, how: 'value' | 'type' = 'value') => ({
      path,
      imports: [{ path: to, kind: how }],
    });
    expect(circleIn([arrow('a', 'b'), arrow('b', 'c'), arrow('c', 'b', kind)])).toEqual(circle);
  });
});
