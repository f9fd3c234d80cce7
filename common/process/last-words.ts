import { printable } from '../cli/printable.js';

/** As many as hold an uncaught exception with its stack. */
const kept = 20;
/** `Error: text`, `TypeError [CODE]: text`, as Node begins what it prints of an exception. */
const exception = /^[\w.]*(Error|Exception)\b( \[\w+\])?(:|$)/;
/** Lines that say where, not what: a frame of a stack in JavaScript or C++, and what Node prints after it. */
const noise = [/^\s+at /, /^\s*\d+: 0x[\da-f]+/, /^Node\.js v\d/, /^\s*[\]})]*,?\s*$/];

/** The last lines that a process wrote to its stderr. */
export class LastWords {
  readonly lines: string[] = [];

  hear(line: string): void {
    if (line.trim() === '') return;
    this.lines.push(printable(line.trimEnd()));
    if (this.lines.length > kept) this.lines.shift();
  }

  /** The line that says most: of an uncaught exception its message, else the last that is no trace. Null: none. */
  quote(): string | null {
    const said = this.lines.filter((line) => !noise.some((pattern) => pattern.test(line)));
    const uncaught = this.lines.some((line) => /^Node\.js v\d/.test(line));
    const thrown = uncaught ? said.findLast((line) => exception.test(line)) : undefined;
    return (thrown ?? said.at(-1) ?? this.lines.at(-1))?.trim() ?? null;
  }
}
