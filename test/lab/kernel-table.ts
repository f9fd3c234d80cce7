import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** What a kernel made of a case. */
interface Cell {
  text: string;
  /** First lines of what failed. */
  errors: string[];
}

const firstLines = (errors: readonly { message: string }[] = []) => errors.map(({ message }) => message.split('\n')[0]);

function cellOf(test: TestCase): Cell {
  const { state, errors } = test.result();
  const seconds = ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(1);
  const text = { passed: `ok ${seconds} s`, failed: `FAILS ${seconds} s`, skipped: 'not run', pending: 'not run' };
  return { text: text[state], errors: firstLines(errors) as string[] };
}

/** Prints the cases of the lab as a table: rows cases, columns kernels; below it what failed, with the words. */
export default class KernelTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const ofLab = modules.filter(({ project }) => project.name === 'lab');
    const rows = new Map<string, Map<string, Cell>>();
    for (const test of ofLab.flatMap(({ children }) => [...children.allTests()])) {
      const [kernel = '', ...name] = test.fullName.split(' > ');
      if (!kernel.startsWith('Linux ')) continue;
      const row = name.join(': ').replaceAll('  ', ' ');
      rows.set(row, (rows.get(row) ?? new Map<string, Cell>()).set(kernel, cellOf(test)));
    }
    const kernels = [...new Set([...rows.values()].flatMap((row) => [...row.keys()]))];
    const lines = [...rows].map(([name, row]) => [name, ...kernels.map((kernel) => row.get(kernel)?.text ?? '')]);
    console.log(`\n${align([['', ...kernels], ...lines])}\n`);
    // What kept all cases of a kernel from running, as a guest that did not come up.
    for (const suite of ofLab.flatMap(({ children }) => [...children.allSuites()]))
      for (const error of firstLines(suite.errors())) console.log(`${suite.fullName}: ${error}`);
    for (const [name, row] of rows)
      for (const [kernel, { errors }] of row) for (const error of errors) console.log(`${kernel}: ${name}: ${error}`);
  }
}

function align(lines: string[][]): string {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const pad = (cell: string, i: number) => (i ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[0] ?? 0));
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}
