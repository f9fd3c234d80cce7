import { readdirSync } from 'node:fs';
import { execa } from 'execa';
import { readText } from './host-files.js';
import { toolEnvironment } from './tools.js';

/** Where facts about a machine come from. */
export interface HostSources {
  /** Throws when it cannot. */
  readText(path: string): string;
  /** Names in a folder, throws when it cannot. */
  list(folder: string): string[];
  /** What a program prints, trimmed; null if it fails or is missing. */
  output(file: string, args: string[]): Promise<string | null>;
}

/** This machine. */
export const thisHost: HostSources = {
  readText,
  list: (folder) => readdirSync(folder),
  async output(file, args) {
    const result = await execa(file, args, { reject: false, timeout: 5000, env: toolEnvironment });
    return result.failed ? null : result.stdout.trim();
  },
};
