import { readFileSync } from 'node:fs';

/** Reads a text file, throws when it cannot. */
export type ReadText = (path: string) => string;

/** Of this host. */
export const readText: ReadText = (path) => readFileSync(path, 'utf8');

/** Null where it cannot be read. Absent is an answer: every caller says what it then assumes. */
export function tryRead(read: ReadText, path: string): string | null {
  try {
    return read(path);
  } catch {
    return null;
  }
}

/** Names in a folder; none where it cannot be listed. */
export function tryList(list: (folder: string) => string[], folder: string): string[] {
  try {
    return list(folder);
  } catch {
    return [];
  }
}
