import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BenchError } from '../cli/errors.js';
import { makeFolder, ownNetwork, pathOfNetwork, readBootId, syncFolder } from '../process/journal.js';
import { toolEnvironment } from '../process/tools.js';
import type { Card } from './card.js';
import { namespaces } from './namespaces.js';
import { isOrphan, ownName } from './owner.js';

const folder = '/var/lib/invoker-bench/cards';
const extension = '.json';
/** A driver may take a second to stop a card. */
const toolTimeoutMs = 10_000;

/** Cards that are moved, or about to be, as a file says that outlives their process. */
export interface LentCards {
  path: string;
  cards: Card[];
  /** A path that stands for the network namespace that they are of; null: it is gone. */
  home: string | null;
}

interface CardText {
  bootId: string;
  network: string;
  cards: Card[];
}

/** Writes down whose the cards are and what they were. Rejects with BenchError where it cannot: then none may be moved. */
export async function journalCards(cards: Card[]): Promise<LentCards> {
  const path = join(folder, `${ownName('cards')}${extension}`);
  try {
    await makeFolder(dirname(folder));
    await makeFolder(folder);
    const [bootId, network] = await Promise.all([readBootId(), ownNetwork()]);
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify({ bootId, network, cards } satisfies CardText));
      await file.datasync();
    } finally {
      await file.close();
    }
    await syncFolder(folder);
    return { path, cards, home: await pathOfNetwork(network) };
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new BenchError('TOPOLOGY', `no interface is moved without a journal: ${path}: ${code || message}`, { cause });
  }
}

/** What runs lent that are gone. Files of an earlier boot, which has ended all that they tell of, are removed. */
export async function abandonedCards(): Promise<LentCards[]> {
  const lent: LentCards[] = [];
  const bootId = await readBootId();
  for (const { path, name, text } of readJournals()) {
    if (text === null ? isOrphan(name) : text.bootId !== bootId) rmSync(path, { force: true });
    else if (text !== null && isOrphan(name))
      lent.push({ path, cards: text.cards, home: await pathOfNetwork(text.network) });
  }
  return lent;
}

/** The namespaces that cards are to be brought back from: nobody may delete them before. */
export function namespacesOfCards(): string[] {
  return readJournals().flatMap(({ text }) => text?.cards.map(({ namespace }) => namespace) ?? []);
}

function readJournals(): { path: string; name: string; text: CardText | null }[] {
  return listJournals().map((file) => {
    const path = join(folder, file);
    return { path, name: file.slice(0, -extension.length), text: parse(path) };
  });
}

function listJournals(): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(extension));
  } catch {
    return []; // No card was ever moved on this host.
  }
}

/** Null where a process died before it had written whose they are, and so before it moved one. */
function parse(path: string): CardText | null {
  try {
    const { bootId, network, cards } = JSON.parse(readFileSync(path, 'utf8')) as CardText;
    return Array.isArray(cards) ? { bootId, network, cards } : null;
  } catch {
    return null;
  }
}

/**
 * Moves cards back, makes them what they were and forgets them. Waits for nothing but `ip`: a process that ends can do so,
 * too. Returns a sentence for each that is not what it was; throws BenchError TEARDOWN for one that cannot be moved back, and
 * keeps its journal.
 */
export function bringBack({ path, cards, home }: LentCards): string[] {
  const complaints: string[] = [];
  const astray: string[] = [];
  for (const { interface: name, namespace, restore } of cards) {
    const there = namespaces().includes(namespace);
    const inside = (...words: string[]) => ip(['-n', namespace, ...words]);
    if (there && home !== null) {
      const moved = inside('link', 'set', 'dev', name, 'netns', home);
      // What is not there never was, or is back.
      if (moved !== null && inside('link', 'show', 'dev', name) === null) {
        astray.push(`${name} cannot be moved back from the namespace ${namespace}: ${moved}`);
        continue;
      }
    }
    if (home === null || ip(['link', 'show', 'dev', name], home) !== null) complaints.push(`${name} is gone`);
    else {
      const failure = ip(['-force', '-batch', '-'], home, `${restore.join('\n')}\n`);
      if (failure !== null) complaints.push(`${name} is back, but not as it was: ${failure}`);
    }
    if (there) ip(['netns', 'delete', namespace]);
  }
  if (astray.length > 0) throw new BenchError('TEARDOWN', [...astray, ...complaints].join('; '), { call: 'ip' });
  rmSync(path, { force: true });
  return complaints;
}

/** Runs `ip`, in the network namespace of a path; null where it succeeds, else what it says. */
function ip(words: readonly string[], home: string | null = null, input = ''): string | null {
  const [file = '', ...rest] = [...(home === null ? [] : ['nsenter', `--net=${home}`]), 'ip', ...words];
  const { status, stderr, error } = spawnSync(file, rest, {
    ...{ input, timeout: toolTimeoutMs, env: toolEnvironment, encoding: 'utf8' },
  });
  if (status === 0) return null;
  const said = (stderr ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('Command failed'));
  return said[0] ?? error?.message ?? 'ip failed';
}
