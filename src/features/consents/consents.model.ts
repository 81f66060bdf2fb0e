/** Consents: what a person allowed a client. */
import type { ResourceScopes } from '#features/grants/grants.model.ts';
import { id } from '#kernel/ids.ts';
import { declareScope } from '#kernel/scopes.ts';

declareScope('consents:read', 'Read what people allowed which client');
declareScope('consents:write', 'Take back what people allowed a client');

/** The client as the person saw it. */
export interface ConsentedClient {
  readonly id: string;
  readonly name: string;
  readonly publisher: string | null;
  readonly logoUri: string | null;
  readonly clientUri: string | null;
}

export interface ConsentRow {
  readonly tenantId: string;
  readonly id: string;
  readonly userId: string;
  readonly client: ConsentedClient;
  readonly scopes: readonly string[];
  readonly resourceScopes: ResourceScopes;
  readonly grantedAt: Date;
  readonly updatedAt: Date;
}

export const consentId = id('consent').describe('The consent.');
