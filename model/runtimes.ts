/** A program in runtimes/, compiled when it is first started where it has to be. */
export interface Program {
  /** Its file in runtimes/. */
  source: string;
  /** What compiles it to `{program}`; null where nothing does. Words are parted by spaces; `{source}` and `{folder}` (runtimes/) may stand in them. */
  build: string | null;
  /** What runs it, written alike. */
  run: string;
  /** The command that brings what it is built or run with. */
  brings: string;
}

/** One that serves a function with what its language has for UDP (docs/runtimes.md). */
export interface Runtime extends Program {
  /** `given`: file descriptor 3 is a bound UDP socket. `own`: it binds one by itself, as it cannot take one. */
  socket: 'given' | 'own';
}

const ofNpm = { build: null, brings: 'npm ci --prefix runtimes' } as const;

/** A line for each row. */
export const runtimes = {
  go: {
    source: 'go.go',
    build: 'go build -o {program} {source}',
    run: '{program}',
    brings: 'apt-get install golang-go',
    socket: 'given',
  },
  rust: {
    source: 'rust.rs',
    build: 'rustc --edition 2021 -O -o {program} {source}',
    run: '{program}',
    brings: 'apt-get install rustc',
    socket: 'given',
  },
  bun: { ...ofNpm, source: 'bun.mjs', run: '{folder}/node_modules/.bin/bun {source}', socket: 'own' },
  'node-latest': { ...ofNpm, source: 'node.mjs', run: '{folder}/node_modules/.bin/node {source}', socket: 'given' },
  python: {
    source: 'python.py',
    build: null,
    run: 'python3 {source}',
    brings: 'apt-get install python3',
    socket: 'given',
  },
} as const satisfies Record<string, Runtime>;

export type RuntimeId = keyof typeof runtimes;

export const runtimeIds = Object.keys(runtimes) as RuntimeId[];

/** What `make` makes of each row, by its id. `index`: its place among them. */
export function forRuntimes<Made>(
  make: (id: RuntimeId, runtime: Runtime, index: number) => Made,
): Record<RuntimeId, Made> {
  const made = runtimeIds.map((id, index) => [id, make(id, runtimes[id], index)]);
  return Object.fromEntries(made) as Record<RuntimeId, Made>;
}
