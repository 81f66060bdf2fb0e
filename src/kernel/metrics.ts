/** Counters and durations for operators, in Prometheus' exposition format. Labels are bounded: names of commands, routes and outcomes, never ids. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** Starts timing a command; call the answer with how it ended. */
  startCommand(name: string): (outcome: 'success' | 'refused' | 'failed') => void;
  /** One answered request. `operation` is the route or the door, bounded. */
  request(door: string, operation: string, status: number, seconds: number): void;
  /** A value that is read when scraped. */
  gauge(name: string, help: string, read: () => number): void;
  text(): Promise<string>;
  readonly contentType: string;
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
    text: () => registry.metrics(),
  };
}
