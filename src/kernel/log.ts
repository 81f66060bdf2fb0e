/**
 * Owns what is written about us: one JSON object a line, on standard output. Nothing secret leaves
 * by it: values are hidden by the name of their key at any depth, and the finished line once more
 * by what secrets look like. Control characters are escaped, so that no value can forge a line or
 * steer the terminal of whoever reads it.
 */
import { type DestinationStream, type Logger, pino } from 'pino';
import { redact, scrubber } from './log-redaction.ts';

export type Log = Logger;

export interface LogOptions {
  level: string;
  /** Exact values that may appear nowhere, such as the internal key. */
  hide?: readonly string[];
}

/** `errorCode` is the key for our stable codes; a key named `code` is taken for a secret one. */
export function createLog(options: LogOptions, destination?: DestinationStream): Log {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: redact },
    // Errors were already told by `redact`; pino's own serializer would add their every property.
    serializers: { err: (value: unknown) => value },
    hooks: { streamWrite: scrubber(options.hide ?? []) },
  };
  const log = destination ? pino(settings, destination) : pino(settings);
  // pino formats the lines of a child but not what is bound to it, and children inherit `child`.
  const child = log.child;
  log.child = function bound(this: Log, bindings, childOptions) {
    return child.call(this, redact(bindings), childOptions);
  } as typeof log.child;
  return log;
}
