/**
 * Whether anybody can learn who has an account (A13): each route is asked about a known address and
 * about an unknown one in turns, from a new place each time, and what comes back is compared, bytes
 * and time. Inviting is for those who may read the directory anyway: there only the addresses of other
 * tenants must not be told.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { persisted } from './cases.ts';
import { startCluster } from './cluster.ts';
import { type OurServer, startOurs } from './contestants.ts';
import type { LoadRequest } from './load-worker.ts';
import {
  type Answer,
  ask,
  closeAccounts,
  formPost,
  from,
  givePasswords,
  type OwnForm,
  ownForm,
  SLUG,
  TRUSTING,
} from './people.ts';
import { cpuBusy, median, printTable } from './report.ts';
import { seed, seededId } from './seed.ts';

const LIMIT_MS = 3;
const WARM_UP = 30;
/** Users of tenant 1, and of every other; the addresses of the first so many are the same. */
const USERS = { here: 10_000, elsewhere: 1000 };

/** What is sent about an address by the n-th person; the last of several is what is measured. */
type Route = (email: string, n: number) => Promise<Answer>;

interface Asked {
  readonly name: string;
  readonly route: Route;
  /** Numbers of the known users, from the one after this. */
  readonly after?: number;
  /** To whoever may read the directory. */
  readonly told?: boolean;
}

export async function enumeration(pairs: number): Promise<void> {
  const closing: (() => Promise<void>)[] = [];
  try {
    const cluster = await startCluster();
    closing.push(cluster.stop);
    const database = await cluster.database('signet_bench');
    await seed(database.url, { tenants: 2, usersEach: USERS.elsewhere, users: USERS.here });
    await givePasswords(database.url);
    const [suspended, bare] = [3000, 6000];
    await closeAccounts(database.url, { suspended, bare, count: pairs + WARM_UP });
    const folder = mkdtempSync(join(tmpdir(), 'signet-bench-'));
    closing.push(async () => rmSync(folder, { recursive: true, force: true }));
    // With the jobs that write the mails: what they do is part of what can be timed.
    const env = { ...TRUSTING, ROLES: 'web,jobs', DATA_DIR: folder };
    const ours = await startOurs(database, env);
    closing.push(ours.stop);
    const busy = cpuBusy();
    const rows: string[][] = [];
    for (const asked of [
      ...(await signIns(ours, { suspended, bare })),
      ...(await wishes(ours)),
      ...(await invitations(ours)),
    ])
      rows.push(await compared(asked, pairs));
    console.log(`\nKnown and unknown addresses, ${pairs} interleaved pairs, medians in ms`);
    const head = ['', 'bytes equal', 'known', 'unknown', 'difference', 'target', ''];
    printTable([...head, 'answers'], rows, 'text');
    console.log(`\nThe machine was ${busy()} busy, our own processes included.`);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function signIns(
  { url }: OurServer,
  { suspended, bare }: { readonly suspended: number; readonly bare: number },
): Promise<Asked[]> {
  const form = await ownForm(url, 'login');
  const page: Route = (email, n) =>
    ask(url, formPost(form, 'login', n, { email, password: 'wrong' }));
  const step =
    (more: object): Route =>
    async (email, n) => {
      const begun = await ask(url, api('StartSignIn', { tenant: SLUG }, n));
      const flow = /"flow":"([^"]+)"/.exec(begun.text)?.[1];
      return ask(url, api('SubmitSignInStep', { tenant: SLUG, flow, email, ...more }, n));
    };
  return [
    { name: 'sign-in, page', route: page },
    { name: 'sign-in, page: no password', route: page, after: bare },
    { name: 'sign-in, page: suspended', route: page, after: suspended },
    { name: 'sign-in, API', route: step({ password: 'wrong' }), after: 1000 },
    { name: 'passkey options and next step, API', route: step({}), after: 1000 },
  ];
}

async function wishes(ours: OurServer): Promise<Asked[]> {
  const { url } = ours;
  const key = await ours.apiKey(seededId(1), ['sign-in-policy:read', 'sign-in-policy:write']);
  const opened = await ask(url, api('UpdateSignInPolicy', { registration: 'OPEN' }, 0, key));
  if (!opened.text.includes('OPEN')) throw new Error(`no registration: ${opened.text}`);
  const posted =
    (form: OwnForm, page: string): Route =>
    (email, n) =>
      ask(url, formPost(form, page, n, { email }));
  const asked =
    (operation: string): Route =>
    (email, n) =>
      ask(url, api(operation, { tenant: SLUG, email }, n));
  return [
    { name: 'forgot, page', route: posted(await ownForm(url, 'forgot'), 'forgot') },
    { name: 'forgot, API', route: asked('RequestPasswordReset') },
    { name: 'register, page', route: posted(await ownForm(url, 'register'), 'register') },
    { name: 'register, API', route: asked('Register'), after: 1000 },
  ];
}

async function invitations(ours: OurServer): Promise<Asked[]> {
  const inviting = async (tenant: number): Promise<Route> => {
    const key = await ours.apiKey(seededId(tenant), ['users:read', 'users:write']);
    return (email, n) => ask(ours.url, api('InviteUser', { email }, n, key));
  };
  return [
    {
      name: 'invite: an address of another tenant',
      route: await inviting(2),
      after: USERS.elsewhere,
    },
    {
      name: 'invite: an address of this tenant (is told)',
      route: await inviting(1),
      after: 8000,
      told: true,
    },
  ];
}

function api(operation: string, input: object, n: number, key?: string): LoadRequest {
  const authorization = key ? { authorization: `Bearer ${key}` } : {};
  const headers = { 'content-type': 'application/json', ...from(n), ...authorization };
  return { ...persisted(operation, { input }), headers };
}

/** Known and unknown take turns in being first, so that neither always follows the other. */
async function compared(
  { name, route, after = 0, told = false }: Asked,
  pairs: number,
): Promise<string[]> {
  const times = { User: [] as number[], Nope: [] as number[] };
  const answers = { User: new Set<string>(), Nope: new Set<string>() };
  for (let pair = 1; pair <= pairs + WARM_UP; pair += 1)
    for (const who of pair % 2 === 0 ? (['User', 'Nope'] as const) : (['Nope', 'User'] as const)) {
      const email = `${who}${after + pair}@example.com`;
      place += 1;
      const answer = await route(email, place);
      if (pair <= WARM_UP) continue;
      times[who].push(answer.ms);
      answers[who].add(bare(answer, email));
    }
  const [known, unknown] = [median(times.User), median(times.Nope)];
  const difference = known - unknown;
  const all = new Set([...answers.User, ...answers.Nope]);
  return [
    name,
    all.size === answers.User.size && all.size === answers.Nope.size ? 'yes' : 'NO',
    known.toFixed(2),
    unknown.toFixed(2),
    difference.toFixed(2),
    ...(told ? ['', ''] : [`<= ${LIMIT_MS}`, Math.abs(difference) <= LIMIT_MS ? 'met' : 'MISSED']),
    [...new Set([...all].map(gist))].join(' | '),
  ];
}

let place = 0;

/** What an answer comes to: its status, and its code or its notice. */
function gist(text: string): string {
  const said = /"code":"(\w+)"/.exec(text)?.[1] ?? /class="notice[^>]*>([^<]*)</.exec(text)?.[1];
  return `${text.slice(0, 3)} ${said ?? ''}`.trim();
}

/** Status, headers and body without what is new in every answer, whoever asks. */
function bare({ status, headers, text }: Answer, email: string): string {
  const { date, 'x-request-id': _id, 'set-cookie': cookies = [], ...rest } = headers;
  const told = JSON.stringify([rest, cookies.map((line) => line.split('=')[0])]);
  return `${status} ${text} ${told}`
    .replaceAll(email, 'EMAIL')
    .replace(/user_[0-9a-z]{26}/g, 'USER')
    .replace(/"challenge":"[\w-]+"/g, 'CHALLENGE')
    .replace(/[\w-]{43}/g, 'TOKEN')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
}
