/** Counters and durations for operators, in Prometheus' exposition format. Labels are bounded: names of commands, routes and outcomes, never ids. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** Starts timing a command; call the answer with how it ended. */
  startCommand(name: string): (outcome: 'success' | 'refused' | 'failed') => void;
  /** One answered request. `operation` is the route or the door, bounded. */
  request(door: string, operation: string, status: number, seconds: number): void;
  /** A value that is read when scraped. */
  gauge(name: string, help: string, read: () => number): void;
  /** Values that are read when scraped, by labels; none while they cannot be read. */
  gauges<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
    read: () => Promise<readonly Labelled<Label>[]>,
  ): void;
  /** Call the answer to count; 1 unless told. */
  counter<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
  ): (by: Labels<Label>, count?: number) => void;
  /** Call the answer to observe; `buckets` are upper bounds. */
  histogram<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
    buckets: readonly number[],
  ): (by: Labels<Label>, value: number) => void;
  text(): Promise<string>;
  readonly contentType: string;
}

export type Labels<Label extends string> = Readonly<Record<Label, string>>;

export interface Labelled<Label extends string> {
  readonly labels: Labels<Label>;
  readonly value: number;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'signet_' });
  const commands = new Histogram({
    name: 'signet_command_seconds',
    help: 'Duration of commands by name and outcome',
    labelNames: ['command', 'outcome'],
    buckets: SECONDS,
    registers: [registry],
  });
  const requests = new Histogram({
    name: 'signet_request_seconds',
    help: 'Duration of requests by door and operation',
    labelNames: ['door', 'operation'],
    buckets: SECONDS,
    registers: [registry],
  });
  const answers = new Counter({
    name: 'signet_requests_total',
    help: 'Answered requests by door and HTTP status',
    labelNames: ['door', 'status'],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    startCommand(name) {
      const start = performance.now();
      return (outcome) =>
        commands.labels(name, outcome).observe((performance.now() - start) / 1000);
    },
    request(door, operation, status, seconds) {
      requests.labels(door, operation).observe(seconds);
      answers.labels(door, String(status)).inc();
    },
    gauge(name, help, read) {
      new Gauge({
        name: `signet_${name}`,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    ...labelled(registry),
    text: () => registry.metrics(),
  };
}

/** What is counted and read by labels. */
function labelled(registry: Registry): Pick<Metrics, 'gauges' | 'counter' | 'histogram'> {
  const registers = [registry];
  return {
    gauges(name, help, labels, read) {
      new Gauge({
        name: `signet_${name}`,
        help,
        labelNames: [...labels],
        registers,
        async collect() {
          const values = await read().catch(() => []);
          this.reset();
          for (const { labels: by, value } of values) this.set(by, value);
        },
      });
    },
    counter(name, help, labels) {
      const made = new Counter({
        name: `signet_${name}`,
        help,
        labelNames: [...labels],
        registers,
      });
      return (by, count = 1) => made.inc(by, count);
    },
    histogram(name, help, labels, buckets) {
      const made = new Histogram({
        name: `signet_${name}`,
        help,
        labelNames: [...labels],
        buckets: [...buckets],
        registers,
      });
      return (by, value) => made.observe(by, value);
    },
  };
}
