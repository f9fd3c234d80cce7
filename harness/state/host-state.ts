/** What a cell must leave as it found it. Names are words that tell of a thing to whoever has to look after it. */
export interface HostState {
  /** Values by name: whoever changes one, the figures of before and after are not those of one host. */
  settings: Record<string, string>;
  /** What is there of this benchmark. What goes, the kernel has freed late. */
  ours: string[];
}

/** A look at the hosts of a testbed, one reading after the other. */
export interface HostWatch {
  /** Resolves to null where a host cannot be asked just now. */
  read(): Promise<HostState | null>;
  end(): Promise<void>;
}

/** What `after` has of this benchmark that `before` had not, and what is set otherwise, each in a few words. */
export function difference(before: HostState, after: HostState): { left: string[]; changed: string[] } {
  const had = new Set(before.ours);
  const changed = Object.entries(after.settings).flatMap(([name, value]) => {
    const was = before.settings[name];
    return was === undefined || was === value ? [] : [`${name} ${was} -> ${value}${remedy(name, was)}`];
  });
  return { left: after.ours.filter((thing) => !had.has(thing)), changed };
}

const sysctl = 'sysctl ';

export const nameOfSysctl = (path: string) => `${sysctl}${path.replaceAll('/', '.')}`;

function remedy(name: string, was: string): string {
  if (!name.startsWith(sysctl)) return '';
  const value = /\s/.test(was) ? `'${was}'` : was;
  return ` (sysctl -w ${name.slice(sysctl.length)}=${value})`;
}
