/** The whole application: sign in, call an API with an access token, sign out. */
import { createOidcClient } from '@signet/sdk/oidc';

const { issuer, clientId, resource } = await (await fetch('/config.json')).json();
const client = createOidcClient({
  issuer,
  clientId,
  resource,
  scope: 'openid profile email hello:read',
  redirectUri: `${location.origin}/callback`,
  postLogoutRedirectUri: `${location.origin}/`,
});

const status = document.querySelector('[role=status]');
const output = document.querySelector('pre');
const buttons = {
  'sign-in': () => client.signIn(),
  'sign-out': () => client.signOut(),
  async call() {
    const token = await client.getAccessToken();
    // Null: the session has ended meanwhile.
    if (token === null) return client.signIn();
    const answer = await fetch('/api/hello', { headers: { authorization: `Bearer ${token}` } });
    output.textContent = await answer.text();
  },
};

for (const [id, run] of Object.entries(buttons))
  document.getElementById(id).addEventListener('click', () => run().catch(show));

try {
  const arrived = await client.handleCallback();
  if (arrived) history.replaceState(null, '', arrived.returnTo);
  show();
} catch (error) {
  show(error);
}

function show(error) {
  const user = client.getUser();
  status.textContent = error
    ? `${error.code ?? 'error'}: ${error.message}`
    : user
      ? `Hello ${user.name ?? user.email}.`
      : 'You are not signed in.';
  for (const id of Object.keys(buttons))
    document.getElementById(id).hidden = (id === 'sign-in') === Boolean(user);
}
