/** The scoreboard of the OpenID conformance suite's modules: `npm run conformance`. */
import type { TestCase } from 'vitest/node';

/** As the plans of the suite list them; one that no test bears is told as missing. */
const PLANS: Readonly<Record<string, readonly string[]>> = {
  'oidcc-config': ['discovery-endpoint-verification'],
  'oidcc-basic': [
    ...['server', 'response-type-missing', 'idtoken-signature', 'idtoken-unsigned'],
    ...['userinfo-get', 'userinfo-post-header', 'userinfo-post-body'],
    'ensure-request-without-nonce-succeeds-for-code-flow',
    ...['scope-profile', 'scope-email', 'scope-address', 'scope-phone', 'scope-all'],
    ...['alternate-happy-flow', 'display-page', 'display-popup', 'prompt-login'],
    ...['prompt-none-not-logged-in', 'prompt-none-logged-in', 'max-age-1', 'max-age-10000'],
    'ensure-request-with-unknown-parameter-succeeds',
    ...['id-token-hint', 'login-hint', 'ui-locales', 'claims-locales'],
    ...['ensure-request-with-acr-values-succeeds', 'codereuse', 'codereuse-30seconds'],
    ...['ensure-registered-redirect-uri', 'ensure-post-request-succeeds'],
    'server-client-secret-post',
    'request-uri-unsigned-supported-correctly-or-rejected-as-unsupported',
    'unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
    ...['claims-essential', 'ensure-request-object-with-redirect-uri', 'refresh-token'],
    'ensure-request-with-valid-pkce-succeeds',
  ],
  'oidcc-rp-initiated-logout': [
    ...['rp-initiated-logout-discovery-endpoint-verification', 'rp-initiated-logout'],
    ...['bad-post-logout-redirect-uri', 'modified-id-token-hint', 'no-id-token-hint', 'no-params']
      .concat('no-post-logout-redirect-uri', 'no-state', 'only-state')
      .concat('query-added-to-post-logout-redirect-uri', 'bad-id-token-hint')
      .map((name) => `rp-initiated-logout-${name}`),
  ],
  'oidcc-backchannel-rp-initiated-logout': [
    'backchannel-logout-discovery-endpoint-verification',
    'backchannel-rp-initiated-logout',
  ],
};

const MARKS = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip', pending: 'skip' } as const;

/** Nothing when no module was run. */
export function printConformance(tests: readonly TestCase[]): void {
  const states = new Map(tests.map((test) => [test.name, test.result().state]));
  const names = Object.values(PLANS).flatMap((modules) => modules.map((name) => `oidcc-${name}`));
  if (!names.some((name) => states.has(name))) return;
  console.log('\nOpenID conformance modules');
  for (const [plan, modules] of Object.entries(PLANS)) {
    const rows = modules.map((name) => ({ name, state: states.get(`oidcc-${name}`) }));
    const passed = rows.filter(({ state }) => state === 'passed').length;
    console.log(`${plan}: ${passed} of ${rows.length}`);
    for (const { name, state } of rows)
      console.log(`${state ? MARKS[state] : 'none'}  oidcc-${name}`);
  }
  const all = names.filter((name) => states.get(name) === 'passed').length;
  console.log(`${all} of ${names.length} modules pass`);
}
