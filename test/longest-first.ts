/**
 * The order of the files: those that take longest begin first, so that none of them runs alone at the
 * end while the other worker has nothing to do.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest first; all others follow as vitest has them. */
const LONGEST = [
  'contracts/access.test.ts',
  'operations/rewrap.test.ts',
  'operations/kill.test.ts',
  'contracts/rest-is-graphql.test.ts',
  'contracts/foreign-ids.test.ts',
  'contracts/other-tenant.test.ts',
  'browser/oidc.test.ts',
  'features/password-limits.test.ts',
  'protocols/hosted-step-up.test.ts',
  'kernel/db/embedded-database.test.ts',
  'contracts/openapi-client.test.ts',
  'sdk/provision-users.test.ts',
  'protocols/sign-in-storm.test.ts',
  'browser/own-screens.test.ts',
  'operations/abandoned-requests.test.ts',
  'operations/upgrade.test.ts',
  'operations/stop.test.ts',
  'features/address-moves.test.ts',
  'browser/examples.test.ts',
  'operations/jobs.test.ts',
  'operations/start.test.ts',
  'contracts/half-session.test.ts',
  'browser/sign-in.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files);
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}`));
      return found < 0 ? LONGEST.length : found;
    };
    return rest.toSorted((a, b) => place(a) - place(b));
  }
}
