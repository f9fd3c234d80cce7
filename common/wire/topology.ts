import { join, relative } from 'node:path';
import type { TopologyId } from '../../model/ids.js';
import { packageRoot } from '../process/paths.js';
import type { Endpoint } from '../process/protocol.js';

/** One side of a topology: its interface and how to get there. */
export interface Site extends Endpoint {
  /** Of the interface. */
  driver: string;
  /** Command words that run what follows them on this side. */
  enter: string[];
  /** Node there. */
  node: string;
  /** The folder of this project's built tree there. */
  root: string;
}

/** Words that run one of this project's scripts, which is named by its path on this host, on a side. */
export function scriptOn({ node, root }: Site, script: string): string[] {
  return [node, join(root, relative(packageRoot(), script))];
}

/** A wire with a server and a client side, or several of these. */
export interface Topology {
  server: Site;
  clients: [Site, ...Site[]];
  /** What a figure depends on, stored with it: offloads and the like. */
  facts: Record<string, string>;
  /** Rejects with BenchError that names an end which cannot be measured through any more. */
  check(): Promise<void>;
  /** Takes everything down again. May be called twice. */
  destroy(): Promise<void>;
}

/** A way to build one. */
export interface TopologyKind {
  id: TopologyId;
  /** Rejects with BenchError, leaving nothing behind. */
  build(queues: number): Promise<Topology>;
}

/** What a topology that is built on this host may leave there. */
export interface LocalTopology {
  /** Removes or brings back what dead runs of this project left; resolves to a sentence for each thing. */
  clean(): Promise<string[]>;
  /** Removes what this process made without waiting for what uses it: for a process that ends at once. */
  abandon(): void;
}
