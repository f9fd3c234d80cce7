import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { BenchError } from '../../common/cli/errors.js';
import { listen } from '../../common/cli/listen.js';
import type { ListenAddress } from '../../common/cli/values.js';
import { livePageFile } from '../../common/process/paths.js';
import type { Onlooker } from './display.js';
import { LiveMetrics } from './live-metrics.js';
import type { LiveState } from './live-run.js';

const updateMs = 500;
/** It may share a CPU with the generator. */
const mostConnections = 16;
/** For readers that are slow, at the end. */
const farewellMs = 1000;

/**
 * Serves a benchmark under way over HTTP: `/` a page, `/events` its state as server-sent events, `/state.json` and
 * `/metrics`. It can only be read, and costs nothing while nobody does.
 */
export class LivePage implements Onlooker {
  /** A line on who can read it; null where only this host can. */
  readonly remark: string | null;
  readonly #server = createServer((request, response) => {
    // Whatever is wrong with a page, the run goes on.
    this.#answer(request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(`${error.message}\n`);
    });
  });
  readonly #page = readFileSync(livePageFile, 'utf8');
  readonly #policy = policyOf(this.#page);
  readonly #metrics = new LiveMetrics();
  readonly #readers = new Set<ServerResponse>();
  /** Whether only names of this host lead here: a page of elsewhere may have its own name point at it. */
  readonly #isPrivate: boolean;
  #state: (() => LiveState) | null = null;
  #ticker: NodeJS.Timeout | null = null;

  private constructor(remark: string | null) {
    this.remark = remark;
    this.#isPrivate = remark === null;
    this.#server.maxConnections = mostConnections;
    this.#server.on('error', () => {}); // One that cannot be accepted; why it does not listen is heard below.
  }

  /** Takes the address; there is nothing to see before show(). Rejects with BenchError LIVE if it cannot be had. */
  static async listen(address: ListenAddress): Promise<LivePage> {
    const where = `${isIPv6(address.host) ? `[${address.host}]` : address.host}:${address.port}`;
    const page = new LivePage(isOfThisHost(address.host) ? null : `--live: whoever reaches ${where} can read this run`);
    const failure = await listen(page.#server, address);
    if (failure === null) return page;
    const { reason, call, code, cause } = failure;
    const said = code === 'EADDRINUSE' ? 'is in use (see ss -ltnp)' : `cannot be had: ${reason ?? `${call}: ${code}`}`;
    throw new BenchError('LIVE', `--live: ${where} ${said}`, { call, cause });
  }

  show(state: () => LiveState): void {
    this.#state = state;
    this.#ticker = setInterval(() => this.#tell(), updateMs).unref();
    this.#tell();
  }

  /** Tells the last state and closes; the process does not wait for a reader that is slow. */
  end(): void {
    if (this.#ticker) clearInterval(this.#ticker);
    if (!this.#server.listening) return;
    this.#tell('all');
    for (const reader of this.#readers) reader.end();
    this.#server.close();
    this.#server.closeIdleConnections();
    setTimeout(() => this.#server.closeAllConnections(), farewellMs).unref();
  }

  /** A reader that has not taken what was told before misses this one. */
  #tell(whom: 'those that keep up' | 'all' = 'those that keep up'): void {
    if (this.#state === null || this.#readers.size === 0) return;
    const event = eventOf(this.#state());
    for (const reader of this.#readers) if (whom === 'all' || !reader.writableNeedDrain) reader.write(event);
  }

  async #answer({ method = '', url = '', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    const path = url.split('?')[0];
    const send = (type: string, text: string) =>
      response
        .writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
        .end(method === 'HEAD' ? undefined : text);
    const refuse = (status: number, reason: string) =>
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${reason}\n`);
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      refuse(405, 'this page can only be read');
    } else if (this.#isPrivate && !isOfThisHost(hostNameOf(headers.host ?? ''))) {
      refuse(403, 'this page is for this host: ask for it by a loopback address');
    } else if (path === '/') {
      response.setHeader('content-security-policy', this.#policy);
      send('text/html; charset=utf-8', this.#page);
    } else if (path === '/events') {
      if (method === 'HEAD') send('text/event-stream', '');
      else this.#subscribe(response);
    } else if (path !== '/state.json' && path !== '/metrics') {
      refuse(404, 'there are /, /events, /state.json and /metrics');
    } else if (this.#state === null) {
      refuse(503, 'nothing is measured yet');
    } else if (path === '/state.json') {
      send('application/json', JSON.stringify(this.#state()));
    } else {
      send(this.#metrics.contentType, await this.#metrics.render(this.#state()));
    }
  }

  #subscribe(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    if (this.#state) response.write(eventOf(this.#state()));
    this.#readers.add(response);
    response.on('error', () => {}); // A browser that left has left.
    response.on('close', () => this.#readers.delete(response));
  }
}

/** Of a Host header, without its port. */
function hostNameOf(host: string): string {
  return host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
}

function eventOf(state: LiveState): string {
  return `data: ${JSON.stringify(state)}\n\n`;
}

/** Only its own script and style, and its own events. */
function policyOf(page: string): string {
  const hashOf = (element: string) => {
    const text = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page)?.[1] ?? '';
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  };
  const rules = [
    "default-src 'none'",
    `script-src ${hashOf('script')}`,
    `style-src ${hashOf('style')}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return rules.join('; ');
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function isOfThisHost(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4'));
}
