import { Refusal, type TuningHost, type TuningSite } from '../../harness/tuning/host.js';

/** An interface of two RX and TX queues on a card of eight, as ethtool 6.1 shows it, and files of sysfs. */
export class FakeHost implements TuningHost {
  readonly interface: string = 'eth1';
  readonly enter: readonly string[] = [];
  readonly port: number = 1232;
  /** Commands and writes, in their order. */
  readonly done: string[] = [];
  readonly signals: string[] = [];
  readonly files = new Map<string, string>([
    ['/sys/class/net/eth1/carrier', '1'],
    ['/sys/class/net/eth1/napi_defer_hard_irqs', '0'],
    ['/sys/class/net/eth1/gro_flush_timeout', '0'],
    ['/sys/class/net/eth1/queues/rx-0/rps_cpus', '00000000,00000000'],
    ['/sys/class/net/eth1/queues/rx-1/rps_cpus', '00000000,00000000'],
    ['/proc/sys/net/core/busy_poll', '0'],
    ['/proc/sys/net/core/busy_read', '0'],
  ]);
  combined = 2;
  /** What a write to a path does beside being kept. */
  onWrite: (path: string, text: string) => void = () => {};
  latencyUs = 2_000_000_000;

  constructor(site: Partial<TuningSite> = {}) {
    Object.assign(this, site);
  }

  async read(path: string): Promise<string> {
    const text = this.files.get(path);
    if (text === undefined) throw new Refusal('ENOENT: no such file or directory', `read ${path}`);
    return text;
  }

  async write(path: string, text: string): Promise<void> {
    await this.read(path);
    this.onWrite(path, text);
    this.done.push(`${text} > ${path}`);
    this.files.set(path, text);
  }

  async list(folder: string): Promise<string[]> {
    const inside = [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`));
    return [...new Set(inside.map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''))].sort();
  }

  async texts(folder: string): Promise<ReadonlyMap<string, string>> {
    return new Map([...this.files].filter(([path]) => path.startsWith(`${folder}/`)));
  }

  async run(...words: string[]): Promise<string> {
    const command = words.join(' ');
    if (command === 'ethtool -i eth1') return 'driver: fake\nversion: 6.1.0\n';
    if (command === 'ethtool -l eth1')
      return (
        'Channel parameters for eth1:\nPre-set maximums:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t8\n' +
        `Current hardware settings:\nRX:\t\tn/a\nTX:\t\tn/a\nOther:\t\tn/a\nCombined:\t${this.combined}\n`
      );
    const [, asked] = /^ethtool -L eth1 combined (\d+)$/.exec(command) ?? [];
    if (asked === undefined) throw new Refusal('Operation not supported', command);
    this.done.push(command);
    if (Number(asked) > 8) throw new Refusal('requested channel count exceeds maximum; Invalid argument', command);
    this.combined = Number(asked);
    return '';
  }

  async runOutside(...words: string[]): Promise<string> {
    throw new Refusal('no command systemctl', words.join(' '));
  }

  signal(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.signals.push(`${signal} ${pid}`);
    const stat = this.files.get(`/proc/${pid}/stat`) ?? '';
    this.files.set(`/proc/${pid}/stat`, stat.replace(/\) \w/, signal === 'SIGSTOP' ? ') T' : ') S'));
  }

  async readNumber(): Promise<number> {
    return this.latencyUs;
  }

  async hold(_path: string, value: number): Promise<void> {
    this.latencyUs = value;
  }

  async release(): Promise<void> {
    this.latencyUs = 2_000_000_000;
  }
}
