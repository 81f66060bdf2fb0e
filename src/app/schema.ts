/** The one place that knows every feature's face: the finished schema, and the operations over it. */
import '#graphql/scalars.ts';
import '#features/accounts/accounts.graphql.ts';
import '#features/api-keys/api-keys.graphql.ts';
import '#features/audit/audit.graphql.ts';
import '#features/audit/audit-proofs.graphql.ts';
import '#features/client-registrations/client-registrations.graphql.ts';
import '#features/clients/clients.graphql.ts';
import '#features/consents/consents.graphql.ts';
import '#features/groups/groups.graphql.ts';
import '#features/keys/keys.graphql.ts';
import '#features/log-streams/log-streams.graphql.ts';
import '#features/mfa/mfa.graphql.ts';
import '#features/invitations/invitations.graphql.ts';
import '#features/passwords/passwords.graphql.ts';
import '#features/resources/resources.graphql.ts';
import '#features/roles/roles.graphql.ts';
import '#features/self-service/self-service.graphql.ts';
import '#features/sessions/sessions.graphql.ts';
import '#features/sign-in/sign-in.graphql.ts';
import '#features/sign-in-locks/sign-in-locks.graphql.ts';
import '#features/sign-in-policies/sign-in-policies.graphql.ts';
import '#features/tenants/tenants.graphql.ts';
import '#features/users/users.graphql.ts';
import '#features/viewer/viewer.graphql.ts';
import { buildSchema } from '#graphql/builder.ts';

export const schema = buildSchema();
