import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import type { Writable } from 'node:stream';
import { printable } from '../../common/cli/printable.js';
import { renderFrame } from './frame.js';
import type { LiveState } from './live-run.js';

/** Where it is shown; a terminal without a size says 0. */
export type ViewOutput = Writable & { isTTY?: boolean; columns?: number; rows?: number };

const redrawMs = 500;

/** A frame that is drawn again in its place, below what is printed meanwhile. The cursor stays to be seen, at its end. */
export class TerminalView {
  readonly #output: ViewOutput;
  readonly #state: () => LiveState;
  readonly #colour: 'plain' | 'ansi';
  readonly #ticker: NodeJS.Timeout;
  /** Lines that stand on the screen. */
  #drawn = 0;

  constructor(output: ViewOutput, state: () => LiveState, colour: 'plain' | 'ansi') {
    this.#output = output;
    this.#state = state;
    this.#colour = colour;
    output.on('resize', this.#redraw);
    // A second signal ends the process as it is.
    process.on('exit', this.end);
    this.#ticker = setInterval(this.#redraw, redrawMs).unref();
    this.#write('');
  }

  /** A line above the frame. */
  print(line: string): void {
    this.#write(`${printable(line)}\n`);
  }

  /** Takes the frame away. */
  readonly end = (): void => {
    clearInterval(this.#ticker);
    this.#output.off('resize', this.#redraw);
    process.off('exit', this.end);
    this.#erase();
  };

  /** Where a terminal that got narrower has wrapped lines of the frame, its first ones stay: what is above must not go. */
  readonly #redraw = (): void => this.#write('');

  #write(above: string): void {
    const size = { columns: this.#output.columns || 80, rows: this.#output.rows || 24 };
    const lines = renderFrame(this.#state(), size, this.#colour);
    // In one piece: nobody sees the moment between.
    this.#output.cork();
    this.#erase();
    this.#output.write(above + lines.join('\n'));
    this.#drawn = lines.length;
    this.#output.uncork();
  }

  #erase(): void {
    if (this.#drawn === 0) return;
    moveCursor(this.#output, 0, 1 - this.#drawn);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    this.#drawn = 0;
  }
}
