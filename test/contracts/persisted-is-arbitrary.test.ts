/**
 * A document by its hash is compiled, the same document by its text is parsed and interpreted: both
 * are answered alike, under the same guards. And nobody can add to the hashes.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Caller, callerOf, operator } from '../kit/as.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { send, type WireAnswer } from '../kit/wire.ts';
import { furnish, type Ids, missingIds } from './fixtures.ts';
import { operationCases } from './routes.ts';

const house = await openHouse();
const make = makers(house);
const acme = await furnish(make, 'acme-mark');
const other = await furnish(make, 'other-mark');
const published = JSON.parse(
  readFileSync(new URL('../../schema/operations.json', import.meta.url), 'utf8'),
) as Record<string, { hash: string; document: string }[]>;
const operations = operationCases();
const reads = operations.filter(({ operation }) => operation.kind === 'query');

const callers: Readonly<Record<string, Caller>> = {
  'the tenant': acme.tenant,
  'the operator': operator(house, acme.tenant.id),
  'another tenant': other.tenant,
  'a key with one scope': await make.apiKey(acme.tenant, ['users:read']),
  nobody: callerOf(house, { secret: null, door: 'public' }),
};

const inputs: Readonly<Record<string, Ids>> = {
  'what is there': acme.ids,
  'what is not there': missingIds(),
  'ids that are none': Object.fromEntries(
    Object.keys(acme.ids).map((type) => [type, 'no-id']),
  ) as Ids,
};

/**
 * Everything but places in a text that the one who sends a hash does not have, and how far the log had
 * come, which grows meanwhile.
 */
function said({ status, text, headers }: WireAnswer): object {
  const { errors, ...rest } = JSON.parse(text, grown) as { errors?: { locations?: unknown }[] };
  const plain = errors?.map(({ locations: _locations, ...error }) => error);
  return { status, type: headers['content-type'], errors: plain, ...rest };
}

const SIGNED = new Set(['auditCheckpoint', 'auditConsistency', 'auditProof']);
const BEHIND = new Set(['pending', 'deliveredUpTo', 'lagSeconds']);

function grown(name: string, value: unknown): unknown {
  if (BEHIND.has(name)) return 'so much';
  return SIGNED.has(name) && value ? Object.keys(value) : value;
}

describe.each(Object.entries(callers))('%s', (_name, caller) => {
  test.each(Object.entries(inputs))('is answered alike about %s', async (_input, ids) => {
    for (const accept of ['application/json', 'application/graphql-response+json'])
      for (const one of reads) {
        const variables = one.variables(ids);
        const hash = await caller.persisted(one.operation.name, variables, { accept });
        const text = await caller.gql(one.operation.text, variables, { accept });
        expect([one.operation.name, said(hash)]).toEqual([one.operation.name, said(text)]);
      }
  });
});

test('variables that do not fit are answered alike', async () => {
  const misfits = [
    { id: 1.5, first: 'x', input: null },
    { id: null, first: [], input: {} },
    { id: {}, first: 2 ** 40, input: 'x' },
  ];
  for (const { operation } of operations)
    for (const variables of misfits) {
      const hash = await acme.tenant.persisted(operation.name, variables);
      const text = await acme.tenant.gql(operation.text, variables);
      expect([operation.name, variables, hash.code]).toEqual([
        operation.name,
        variables,
        text.code,
      ]);
    }
});

test('every published hash is of its document, and answers', async () => {
  for (const [name, versions] of Object.entries(published))
    for (const { hash, document } of versions) {
      expect([name, createHash('sha256').update(document).digest('hex')]).toEqual([name, hash]);
      const answer = await post({
        extensions: { persistedQuery: { version: 1, sha256Hash: hash } },
        variables: {},
      });
      expect([name, answer.text.includes('PERSISTED_QUERY_NOT_FOUND')]).toEqual([name, false]);
    }
});

describe('I07 the hashes are ours', () => {
  const document = '{ viewer { scopes } }';
  const hash = createHash('sha256').update(document).digest('hex');
  const byHash = { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } };

  test('an unknown hash is refused, and sending its text once does not register it', async () => {
    for (const body of [byHash, { documentId: `sha256:${hash}` }, { documentId: hash }])
      expect((await post(body)).text).toContain('"code":"PERSISTED_QUERY_NOT_FOUND"');
    expect((await post({ ...byHash, query: document })).text).toContain('"data":{');
    expect((await post(byHash)).text).toContain('"code":"PERSISTED_QUERY_NOT_FOUND"');
  });

  test('a text under the hash of another is refused', async () => {
    const [known] = published['GetViewer'] ?? [];
    const poison = {
      extensions: { persistedQuery: { version: 1, sha256Hash: known?.hash } },
      query: document,
    };
    const answer = await post(poison);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('"code":"BAD_REQUEST"');
    expect((await acme.tenant.persisted('GetViewer')).text).toContain('actor');
  });

  test('what is no hash is refused', async () => {
    for (const odd of [
      12,
      {},
      '',
      'sha256:',
      `md5:${hash}`,
      '__proto__',
      `${hash}0`,
      hash.toUpperCase(),
    ]) {
      const answer = await post({ documentId: odd });
      expect([odd, answer.status, answer.text.includes('"code":"BAD_REQUEST"')]).toEqual([
        odd,
        400,
        true,
      ]);
    }
  });
});

function post(body: object): Promise<WireAnswer> {
  return send(house.url, {
    method: 'POST',
    path: '/graphql',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${acme.tenant.secret}`,
    },
    body: JSON.stringify(body),
  });
}
