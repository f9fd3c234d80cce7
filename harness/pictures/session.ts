import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { screenOf } from './screen.js';

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
  /** How long it may take: a prompt that never comes would be waited for without an end. */
  limitMs: number;
}

/**
 * All that the command sent to its terminal, escape sequences included. Rejects where it cannot be run, ends otherwise than
 * it may or before all answers were asked for, or takes too long; the error has what its screen shows.
 */
export async function recordSession({
  command,
  folder,
  columns,
  answers,
  exitCodes,
  limitMs,
}: Session): Promise<string> {
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
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    // With its terminal gone the command is hung up; one that stays is not waited for.
    child.kill();
    child.stdout.destroy();
  }, limitMs);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(limit);
  const [next] = left;
  if (!isLate && next === undefined && code !== null && exitCodes.includes(code)) return text;
  const how = isLate ? `did not end within ${limitMs / 1000} s` : `ended with ${code}`;
  const screen = screenOf(text).map((spans) => spans.map((span) => span.text).join(''));
  const where = next === undefined ? '' : `, before the prompt ${JSON.stringify(next.prompt)}`;
  throw new Error([`${command.join(' ')} ${how}${where}; its screen:`, ...screen].join('\n'));
}
