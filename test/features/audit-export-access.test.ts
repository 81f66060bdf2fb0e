/** Who may export the audit log, whose, and what is refused. */
import { describe, expect, test } from 'vitest';
import { anonymous } from '../kit/as.ts';
import { sequenced } from '../kit/audit-export.ts';
import { auditLog } from '../kit/audit-row.ts';
import { allSequenced, exportOf, readExport } from '../kit/events.ts';
import { openHouse } from '../kit/house.ts';
import { makers } from '../kit/make.ts';
import { send } from '../kit/wire.ts';

const house = await openHouse();
const make = makers(house);

describe('who may', () => {
  test('D01 a stranger and a key without the scope are refused, and the refusal is recorded', async () => {
    const acme = await make.tenant();
    const weak = await make.apiKey(acme, ['users:read']);
    const stranger = await anonymous(house).rest('GET', '/v1/audit-events/export?format=NO');
    expect([stranger.status, stranger.body['code']]).toEqual([401, 'UNAUTHENTICATED']);
    const refused = await exportOf(house, weak, '?format=NO');
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([403, 'FORBIDDEN']);
    const log = await auditLog(house, acme.uuid);
    expect(log.find(({ type }) => type === 'audit.export')).toMatchObject({
      result: 'REFUSED',
      reason: 'FORBIDDEN',
      actor_id: weak.id,
    });
    const reader = await make.apiKey(acme, ['audit:read']);
    expect((await exportOf(house, reader)).status).toBe(200);
  });

  test('D02 a tenant exports its own log only; the platform that of the tenant it names', async () => {
    const [acme, other] = [await make.tenant(), await make.tenant()];
    await make.user(other);
    await allSequenced(house, other.uuid);
    await allSequenced(house, acme.uuid);
    const tenants = new Set(
      readExport(await exportOf(house, acme)).events.map(({ tenant }) => tenant),
    );
    expect([...tenants]).toEqual([acme.id]);
    const byOperator = await send(house.internalUrl, {
      path: '/internal/v1/audit-events/export',
      headers: { authorization: `Bearer ${house.internalKey}`, 'x-tenant-id': other.id },
    });
    expect(new Set(readExport(byOperator).events.map(({ tenant }) => tenant))).toEqual(
      new Set([other.id]),
    );
  });

  test('K02 an export is an event: what was taken, by whom', async () => {
    const acme = await make.tenant();
    await allSequenced(house, acme.uuid);
    const answer = await exportOf(house, acme, '?format=CSV&type=user.create&where=true');
    const [event] = (await auditLog(house, acme.uuid)).filter(
      ({ type }) => type === 'audit.export',
    );
    expect(event).toMatchObject({
      severity: 'NOTICE',
      actor_id: acme.keyId,
      details: {
        format: 'CSV',
        from: 0,
        to: Number(answer.headers['signet-export-to']),
        where: true,
        filtered: true,
      },
    });
  });
});

describe('requests', () => {
  test('H11 H09 every parameter that is wrong is named, and none is taken twice', async () => {
    const acme = await make.tenant();
    await sequenced(house, acme);
    const answer = await exportOf(
      house,
      acme,
      '?format=XML&from=-1&to=1e3&since=yesterday&where=maybe&unheard=1&type=a&type=b',
    );
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const { code, errors } = JSON.parse(answer.text) as {
      code: string;
      errors: { parameter: string; detail: string }[];
    };
    expect(code).toBe('BAD_REQUEST');
    expect(errors.map(({ parameter }) => parameter).toSorted()).toEqual(
      ['format', 'from', 'since', 'to', 'type', 'unheard', 'where'].toSorted(),
    );
    const beyond = await exportOf(house, acme, '?to=999999');
    expect([beyond.status, JSON.parse(beyond.text).errors[0].parameter]).toEqual([400, 'to']);
    for (const [query, parameter] of [
      ['?types=NO', 'types'],
      ['?text=%22%22', 'text'],
      ['?minSeverity=HIGH', 'minSeverity'],
    ]) {
      const wrong = await exportOf(house, acme, query);
      expect([wrong.status, JSON.parse(wrong.text).errors[0].parameter]).toEqual([400, parameter]);
    }
    const turned = await exportOf(house, acme, '?from=2&to=1');
    expect([turned.status, JSON.parse(turned.text).errors[0].parameter]).toEqual([400, 'from']);
    expect((await auditLog(house, acme.uuid)).map(({ type }) => type)).not.toContain(
      'audit.export',
    );
  });

  test('H06 other verbs are refused with what is allowed', async () => {
    const acme = await make.tenant();
    for (const method of ['POST', 'DELETE', 'HEAD']) {
      const answer = await send(house.url, {
        method,
        path: '/v1/audit-events/export',
        headers: { authorization: `Bearer ${acme.secret}` },
      });
      expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, OPTIONS']);
    }
  });
});
