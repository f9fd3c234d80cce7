import { outlive } from './output.js';
import { main } from './report-command.js';

outlive(process.stdout);
outlive(process.stderr);

const exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
});
// A stream that failed has set its own.
process.exitCode ??= exitCode;
