/**
 * The benchmarks. They print what was measured beside what was aimed at and assert nothing: on a
 * busy machine only the ratios, measured in turns, mean something.
 */
import { parseArgs } from 'node:util';
import { CONTESTANTS } from './cases.ts';
import { enumeration } from './enumeration.ts';
import { evidence } from './evidence.ts';
import { oauth } from './oauth.ts';
import { scale } from './scale.ts';
import { signIn } from './sign-in.ts';
import { startUp } from './start-up.ts';
import { storm } from './storm.ts';
import { throughput } from './throughput.ts';

const USAGE = `npm run bench                throughput beside the floor and PostGraphile
  --rounds 3 --seconds 2.5 --connections 16 --only TEXT --who ${CONTESTANTS.join(',')} --profile FOLDER
npm run bench -- scale       lists and searches in large tenants and among many tenants; minutes
  --users 1000000 --tenants 10000 --requests 300
npm run bench -- oauth       tokens made and checked beside oidc-provider in memory; first tokens among many tenants
  --rounds 3 --seconds 2.5 --connections 16 --tenants 10000 --only TEXT|tenants --profile FOLDER
npm run bench -- start       how long a start takes, and memory when idle
  --rounds 3
npm run bench -- sign-in     signing in beside bare hashing, and who is signed in beside better-auth
  --rounds 3 --seconds 2.5 --connections 16 --sessions 1000 --only TEXT --profile FOLDER
npm run bench -- storm       two hundred sign-ins at once, and what others feel of it
  --connections 200 --seconds 10
npm run bench -- evidence    what the verifiable audit log costs: appending, sequencing, verifying
  --rounds 3 --seconds 2.5 --events 200000 --only TEXT
npm run bench -- enumeration whether answers tell known addresses from unknown ones
  --pairs 500`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string' },
      connections: { type: 'string' },
      only: { type: 'string', default: '' },
      who: { type: 'string', default: CONTESTANTS.join(',') },
      users: { type: 'string', default: '1000000' },
      tenants: { type: 'string', default: '10000' },
      requests: { type: 'string', default: '300' },
      pairs: { type: 'string', default: '500' },
      sessions: { type: 'string', default: '1000' },
      events: { type: 'string', default: '200000' },
      profile: { type: 'string', default: '' },
    },
  });
  switch (positionals[0] ?? 'throughput') {
    case 'throughput':
      return throughput({
        rounds: Number(values.rounds),
        seconds: Number(values.seconds ?? 2.5),
        connections: Number(values.connections ?? 16),
        only: values.only,
        who: values.who.split(','),
        profile: values.profile,
      });
    case 'oauth':
      return oauth({
        rounds: Number(values.rounds),
        seconds: Number(values.seconds ?? 2.5),
        connections: Number(values.connections ?? 16),
        tenants: Number(values.tenants),
        only: values.only,
        profile: values.profile,
      });
    case 'scale':
      return scale({
        users: Number(values.users),
        tenants: Number(values.tenants),
        requests: Number(values.requests),
      });
    case 'start':
      return startUp(Number(values.rounds));
    case 'sign-in':
      return signIn({
        rounds: Number(values.rounds),
        seconds: Number(values.seconds ?? 2.5),
        connections: Number(values.connections ?? 16),
        only: values.only,
        sessions: Number(values.sessions),
        profile: values.profile,
      });
    case 'storm':
      return storm({
        connections: Number(values.connections ?? 200),
        seconds: Number(values.seconds ?? 10),
      });
    case 'evidence':
      return evidence({
        rounds: Number(values.rounds),
        seconds: Number(values.seconds ?? 2.5),
        events: Number(values.events),
        only: values.only,
      });
    case 'enumeration':
      return enumeration(Number(values.pairs));
    default:
      throw new Error(`There is no such benchmark.\n${USAGE}`);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
