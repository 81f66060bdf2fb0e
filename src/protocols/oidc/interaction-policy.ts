/** When a person is asked something in between: to sign in, to show more, to consent. */
import type { interactionPolicy, KoaContextWithOIDC } from 'oidc-provider';
import type { Engine } from './engine.ts';

/** `acr_values` that we know, the best first. */
export const ACR_VALUES = ['mfa', 'pwd'] as const;

export function policyOf({ interactionPolicy: policy }: Engine): interactionPolicy.DefaultPolicy {
  const prompts = policy.base();
  // Asked for as a wish (OpenID Connect Core 3.1.2.1), and granted: who can show two factors does.
  prompts.get('login')?.checks.add(
    new policy.Check(
      'acr_requested',
      'two factors are asked for',
      'unmet_authentication_requirements',
      ({ oidc }: KoaContextWithOIDC) =>
        wantsTwoFactors(oidc.params?.['acr_values']) && oidc.session?.acr !== 'mfa',
      () => ({ acr: 'mfa' }),
    ),
  );
  const consent = prompts.get('consent');
  // RFC 8252, 8.6 is about programs of others; the tenant vouches for its own.
  const native = consent?.checks.get('native_client_prompt');
  if (native) {
    const { check } = native;
    native.check = (koa: KoaContextWithOIDC) =>
      koa.oidc.client?.['signet_first_party'] === true ? false : check(koa);
  }
  return prompts;
}

/** The first one that we know is what is wished for most. */
export function wantsTwoFactors(acrValues: unknown): boolean {
  const asked = typeof acrValues === 'string' ? acrValues.split(' ') : [];
  return asked.find((value) => (ACR_VALUES as readonly string[]).includes(value)) === 'mfa';
}
