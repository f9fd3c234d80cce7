import { createInterface } from 'node:readline';

/** Questions and answers, a line each. */
export interface Dialogue {
  /** The user's line, or null: the user left by Ctrl-C or Ctrl-D, or a signal came. */
  ask(question: string): Promise<string | null>;
  close(): void;
}

/** A dialogue on the terminal of this process. */
export function openDialogue(interrupt: AbortSignal): Dialogue {
  const terminal = createInterface({ input: process.stdin, output: process.stdout, signal: interrupt });
  const lines = terminal[Symbol.asyncIterator]();
  terminal.once('SIGINT', () => terminal.close());
  return {
    async ask(question) {
      terminal.setPrompt(question);
      terminal.prompt();
      const { value, done } = await lines.next();
      // The shell's prompt is to begin on a line of its own.
      if (done) process.stdout.write('\n');
      return done ? null : value;
    },
    close: () => terminal.close(),
  };
}
