/**
 * Why a start cannot have what it needs, and what to do about it: one line without a secret, said by
 * the doctor before and by the server when it happens.
 */
import type { Config } from '#kernel/config.ts';

interface Failure {
  readonly code?: string;
  readonly syscall?: string;
  readonly path?: string;
  readonly port?: number;
  readonly severity?: string;
}

/** The parts of an error that the system or PostgreSQL filled in. */
export function failure(error: unknown): Failure {
  return typeof error === 'object' && error !== null ? (error as Failure) : {};
}

/** An error's own words; those of its parts where it is the sum of several attempts. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message) return error.message;
  return error instanceof AggregateError ? error.errors.map(reason).join(', ') : error.name;
}

/** What is wrong with the database that `variable` names, without the password. */
export function databaseProblem(variable: string, url: string, error: unknown): string {
  const { host, pathname } = new URL(url);
  // What the kernel tells every caller hides the reason, which the operator needs.
  const why = (error as Error).cause ?? error;
  return `${host}${pathname} cannot be used: ${reason(why)}; ${databaseAdvice(variable, why)}`;
}

function databaseAdvice(variable: string, error: unknown): string {
  const { code = '' } = failure(error);
  if (code === '3D000') return `create it, or check ${variable}`;
  if (code === '28P01' || /password/i.test(reason(error)))
    return `check the password in ${variable}`;
  if (code.startsWith('28')) return `check the user in ${variable}, and the server's pg_hba.conf`;
  if (code === '42501') return '`npm run doctor` says what to grant';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `check the host in ${variable}`;
  if (/^E[A-Z]+$/.test(code) || /timeout|terminated/i.test(reason(error)))
    return `check that the server runs, and its address in ${variable}`;
  return `check ${variable} and that the server runs`;
}

/** Null: none of the failures to listen that an operator can cause. */
export function listenProblem(
  { host }: Config,
  { variable, port }: { variable: string; port: number },
  error: unknown,
): { variable: string; says: string } | null {
  const { code = '', syscall } = failure(error);
  if (syscall === 'getaddrinfo' || (syscall === 'listen' && NO_ADDRESS.has(code)))
    return { variable: 'HOST', says: `${host} is no address of this machine` };
  if (syscall !== 'listen') return null;
  if (code === 'EADDRINUSE')
    return {
      variable,
      says: `${port} is in use on ${host}; stop what uses it, or set another ${variable}`,
    };
  const says = `${port} cannot be listened on at ${host}: ${reason(error)}; set another ${variable}`;
  return { variable, says };
}

const NO_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

export function folderProblem(dataDir: string, error: unknown): string {
  return `${dataDir} cannot be made or written: ${reason(error)}`;
}
