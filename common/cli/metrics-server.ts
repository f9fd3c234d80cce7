import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BenchError } from './errors.js';
import { listen } from './listen.js';
import type { ListenAddress } from './values.js';

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
   * Takes the address; there is nothing to serve before show(). Rejects with BenchError METRICS if it cannot be had.
   */
  static async listen(address: ListenAddress): Promise<MetricsServer> {
    const metrics = new MetricsServer();
    const failure = await listen(metrics.#server, address);
    if (failure === null) return metrics;
    const { reason, call, code, cause } = failure;
    const where = `${address.host}:${address.port}${reason === null ? '' : `, ${reason}`}`;
    throw new BenchError('METRICS', `cannot serve metrics at ${where}: ${call}: ${code}`, { call, cause });
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
