/** The sample service, as an integrator would start it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openLocalHouse } from '../browser/chromium.ts';
import { makers } from '../kit/make.ts';
import { makeClient } from '../kit/relying-party.ts';
import { installPackage } from './installed-package.ts';

const house = await openLocalHouse();
const make = makers(house);
const installed = await installPackage();

test('it counts the people of its tenant', async () => {
  const acme = await make.tenant();
  for (let n = 0; n < 3; n += 1) await make.user(acme);
  const { id, secret } = await makeClient(acme, {
    ...{ type: 'SERVICE', redirectUris: [], firstParty: false, apiScopes: ['users:read'] },
  });
  const example = new URL('../../sdk/examples/service/report.ts', import.meta.url);
  installed.write('report.ts', readFileSync(example, 'utf8'));
  expect(await installed.typecheck()).toBe('');
  const program = installed.start('report.ts', [], {
    SIGNET_ISSUER: `${house.services.config.publicUrl}/t/${acme.slug}`,
    CLIENT_ID: id,
    CLIENT_SECRET: secret ?? '',
  });
  expect([await program.ended, program.output()]).toEqual([0, 'ACTIVE: 3\n']);
});
