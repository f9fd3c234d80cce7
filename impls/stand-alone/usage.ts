import { settingFlags, settingKeys } from '../../common/cli/settings.js';
import { wrap } from '../../common/cli/text.js';
import { flags } from './flags.js';
import { defaultsOf } from './setting-defaults.js';

const columns = 100;
const indent = 22;

/** An option and its help beside it, or below it where the option is long. */
function row(option: string, help: string): string {
  const lines = wrap(help, columns - indent);
  const left = `  ${option}`;
  const beside = left.length < indent ? left.padEnd(indent) + lines.shift() : left;
  return [beside, ...lines.map((line) => ' '.repeat(indent) + line)].join('\n');
}

/** `(afxdp, recvmmsg: 64)`: who has the setting, with which default. */
function whose(key: (typeof settingKeys)[number]): string {
  const byDefault = new Map<string, string[]>();
  for (const [id, text] of defaultsOf(key)) byDefault.set(text, [...(byDefault.get(text) ?? []), id]);
  return `(${[...byDefault].map(([text, ids]) => `${ids.join(', ')}: ${text}`).join('; ')})`;
}

const main = flags.map(({ name, value, help }) => row(`--${name}${value === null ? '' : ` ${value}`}`, help));
const settings = settingKeys.map((key) => {
  const { name, value, help } = settingFlags[key];
  return row(`--${name} ${value}`, `${help} ${whose(key)}`);
});

export const usage = `Usage: npm run invoker -- --impl NAME --interface IF [options]

${main.join('\n')}

Settings, each with the implementations that have it and their defaults:
${settings.join('\n')}

Runs in the foreground. While it runs:
${row('SIGUSR1, SIGUSR2', 'give every function a thread a queue more, or take one away')}
${row('scale PORT N', 'as a line of the standard input, unless that is a terminal: N threads a queue')}
${row('SIGINT, SIGTERM', 'answer what was received, detach, print the totals; a second one ends it at once')}

Exit codes: 0 served, 1 cannot serve, 2 wrong usage (nothing was touched), 130 ended at once.
`;
