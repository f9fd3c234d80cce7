import { execa } from 'execa';

/** Python code that runs a command on a terminal of its own and types a line of JSON at each prompt that it waits for. */
const code = `
import json, os, pty, re, select, signal, sys, time
steps, seconds = json.loads(sys.argv[1]), float(sys.argv[2])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[3], sys.argv[3:])
raw, text, seen, end = '', '', 0, time.time() + seconds
while time.time() < end:
    ready, _, _ = select.select([terminal], [], [], 0.1)
    if ready:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        raw += part.decode(errors='replace')
        text = re.sub('\\x1b\\[[\\d;?]*[A-Za-z]', '', raw).replace('\\r\\n', '\\n')
    if steps and (found := re.search(steps[0][0], text[seen:])):
        seen = len(text)
        os.write(terminal, steps.pop(0)[1].encode())
else:
    os.kill(pid, signal.SIGKILL)
_, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status)
print(json.dumps({'code': code, 'text': text, 'left': len(steps)}))
`;

export const keys = { enter: '\r', interrupt: '\u0003', end: '\u0004' } as const;

/** What a command said on its terminal, without escape sequences. */
export interface TerminalRun {
  code: number;
  text: string;
  /** Steps that were never reached. */
  left: number;
}

/** Runs a command on a terminal; each step is what is waited for, as a regular expression, and the keys that it is answered by. */
export async function onTerminal(
  command: readonly string[],
  steps: readonly (readonly [waitFor: string, keys: string])[],
  { seconds = 30, ...options }: { seconds?: number; cwd?: string; env?: Record<string, string> } = {},
): Promise<TerminalRun> {
  const words = ['-c', code, JSON.stringify(steps), String(seconds), ...command];
  const { stdout } = await execa('python3', words, { ...options, env: { CI: '', TERM: 'xterm', ...options.env } });
  return JSON.parse(stdout);
}
