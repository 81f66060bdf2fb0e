/**
 * `npm run doctor`: looks at everything that a start needs and changes nothing. One line a check, with
 * what to do where something is wrong; exit code 1 when the server would not work. Prints no secret.
 */
import { type Config, ConfigError, loadConfig } from '#kernel/config.ts';
import { examineDatabase } from './doctor-database.ts';
import type { Finding } from './doctor-finding.ts';
import { examineHost } from './doctor-host.ts';
import { examinePorts } from './doctor-ports.ts';

async function examine(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  let config: Config;
  try {
    config = loadConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((says) => ({ check: 'configuration', state: 'fail', says }));
  }
  const database = config.databaseUrl ? 'PostgreSQL' : `embedded database in ${config.dataDir}`;
  const says = `${config.nodeEnv}, ${database}, does ${[...config.roles].join(' and ')}`;
  const host = examineHost(config);
  const usable = !host.some(({ check, state }) => check === 'data folder' && state === 'fail');
  return [
    { check: 'configuration', state: 'ok', says },
    ...host,
    ...(await examinePorts(config)),
    ...(usable ? await examineDatabase(config) : []),
  ];
}

const findings = await examine(process.env);
const width = Math.max(...findings.map(({ check }) => check.length));
for (const { check, state, says } of findings)
  console.log(`${state.padEnd(4)}  ${check.padEnd(width)}  ${says}`);
if (findings.some(({ state }) => state === 'fail')) process.exitCode = 1;
