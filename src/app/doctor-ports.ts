/** The doctor's look at what the server listens on: tried, and given back at once. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Config } from '#kernel/config.ts';
import { failure, listenProblem } from './doctor-advice.ts';
import type { Finding } from './doctor-finding.ts';

export async function examinePorts(config: Config): Promise<Finding[]> {
  const found = [await examinePort(config, 'PORT', config.port)];
  // A host that is none would only be told again.
  if (config.internalPort === undefined || !config.roles.has('web') || found[0]?.check === 'host')
    return found;
  return [...found, await examinePort(config, 'INTERNAL_PORT', config.internalPort)];
}

async function examinePort(config: Config, variable: string, port: number): Promise<Finding> {
  const check = variable.toLowerCase().replace('_', ' ');
  const server = createServer();
  try {
    server.listen(port, config.host);
    await once(server, 'listening');
    const says = `${port === 0 ? 'any' : port} is free on ${config.host}`;
    return { check, state: 'ok', says };
  } catch (error) {
    const problem = listenProblem(config, { variable, port }, error);
    if (!problem) throw error;
    const { says } = problem;
    if (problem.variable === 'HOST')
      return { check: 'host', state: 'fail', says: `${says}; set HOST to one, such as 127.0.0.1` };
    if (failure(error).code !== 'EADDRINUSE') return { check, state: 'fail', says };
    return { check, state: 'warn', says: `${says} (a running Signet may be what uses it)` };
  } finally {
    server.close();
  }
}
