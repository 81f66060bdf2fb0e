/** The one script of the pages: asks the browser for a passkey and sends it with the form. */
export const PASSKEY_SCRIPT = `'use strict';
for (const field of document.querySelectorAll('input[name=passkey]')) {
  const form = field.form;
  const told = form.querySelector('[role=alert]');
  form.addEventListener('submit', async (event) => {
    if (field.value) return;
    event.preventDefault();
    told.hidden = true;
    try {
      const options = JSON.parse(field.dataset.options);
      const credential = 'rp' in options
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      field.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch {
      told.hidden = false;
    }
  });
}
`;
