import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BenchError } from './errors.js';
import type { ListenAddress } from './values.js';

const failures: Record<string, string> = {
  EADDRINUSE: 'somebody has that port (see ss -ltnp)',
  EADDRNOTAVAIL: 'no interface has that address',
  EACCES: 'ports below 1024 need root',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'that host cannot be looked up',
};

/** Metrics of this moment, in the text format of `contentType`. */
export interface Metrics {
  contentType: string;
  scrape(): Promise<string>;
}

/** Serves metrics over HTTP at /metrics. */
export class MetricsServer {
  readonly #server = createServer((request, response) => this.#answer(request, response));
  #metrics: Metrics | null = null;

  private constructor() {}

  /**
   * Takes the address, of all interfaces if the host is empty; there is nothing to serve before show(). Rejects with BenchError METRICS if it cannot be had.
   */
  static async listen({ host, port }: ListenAddress): Promise<MetricsServer> {
    const metrics = new MetricsServer();
    metrics.#server.listen(port, host === '' ? undefined : host);
    try {
      await once(metrics.#server, 'listening');
    } catch (error) {
      const { code = '', syscall = 'listen' } = error as NodeJS.ErrnoException;
      const reason = failures[code] === undefined ? '' : `, ${failures[code]}`;
      const message = `cannot serve metrics at ${host}:${port}${reason}: ${syscall}: ${code}`;
      throw new BenchError('METRICS', message, { call: syscall, cause: error });
    }
    return metrics;
  }

  /** The TCP port that was taken. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  show(metrics: Metrics): void {
    this.#metrics = metrics;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer({ method = '', url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, reason: string) => response.writeHead(status).end(`${reason}\n`);
    if (url.split('?')[0] !== '/metrics') {
      refuse(404, 'the metrics are at /metrics');
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      refuse(405, 'the metrics can only be read');
      return;
    }
    if (this.#metrics === null) {
      refuse(503, 'not ready yet');
      return;
    }
    try {
      const text = await this.#metrics.scrape();
      const length = Buffer.byteLength(text);
      response.writeHead(200, { 'content-type': this.#metrics.contentType, 'content-length': length }).end(text);
    } catch (error) {
      refuse(500, (error as Error).message);
    }
  }
}
