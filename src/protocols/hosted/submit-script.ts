/** Sends the form that says by itself that nobody need press its button. */
export const SUBMIT_SCRIPT = `'use strict';
document.querySelector('form[data-submit]')?.requestSubmit();
`;
