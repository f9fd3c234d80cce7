import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A command on a terminal of its own. */
export interface Session {
  /** Words of the command that runs. */
  command: readonly string[];
  folder: string;
  columns: number;
  /** Each of the user's lines, with the end of the prompt that it is typed at. */
  answers: readonly { prompt: string; line: string }[];
  /** What it may end with and still be shown. */
  exitCodes: readonly number[];
}

/** All that the command sent to its terminal, escape sequences included; rejects where it cannot be run. */
export async function recordSession({ command, folder, columns, answers, exitCodes }: Session): Promise<string> {
  const { CI: _ci, NO_COLOR: _plain, ...environment } = process.env;
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('script', ['-qefc', `stty cols ${columns} rows 50; exec ${words}`, '/dev/null'], {
    ...{ cwd: folder, env: { ...environment, TERM: 'xterm-256color', SHELL: '/bin/sh' } },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const left = [...answers];
  let [text, seen] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    const [next] = left;
    if (next === undefined || !text.slice(seen).includes(next.prompt)) return;
    seen = text.length;
    left.shift();
    child.stdin.write(`${next.line}\r`);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === null || !exitCodes.includes(code)) throw new Error(`${command.join(' ')} ended with ${code}:\n${text}`);
  return text;
}
