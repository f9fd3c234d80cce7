// Leaves at the end of its input a process behind that holds its stderr and heeds nothing.
import { spawn } from 'node:child_process';

const heir = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
heir.unref();
process.stdout.write(`${JSON.stringify({ type: 'ready', pid: heir.pid })}\n`);
process.stdin.resume();
