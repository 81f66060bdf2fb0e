/** What the pages of the issuer say, by language; the other pages' texts are the hosted ones'. */

const en = {
  failed: 'This cannot go on',
  failedWhy:
    'The application has asked for something that is not possible here. Go back to it and try again.',
  over: 'This sign-in is over or belongs to another browser. Go back to the application and begin again.',
  signOutOf: 'Do you want to sign out?',
  signOut: 'Sign out',
  stay: 'Stay signed in',
  signedOut: 'You have signed out.',
  stayed: 'You are still signed in',
  goingOn: 'One moment …',
  goOn: 'Continue',
  allow: 'Allow',
  deny: 'Do not allow',
  consent: 'Allow {client}?',
  consentWhy: '{client} wants to do this in your name:',
  by: 'An application of {publisher}.',
  inApi: 'In {api}:',
  policy: 'Privacy policy',
  terms: 'Terms of service',
  openid: 'Know that it is you',
  profile: 'See your name and language',
  emailScope: 'See your e-mail address',
  phone: 'See your telephone number',
  address: 'See your postal address',
  roles: 'See your roles',
  groups: 'See which groups you are in',
  offline_access: 'Do all of this also while you are not there',
  claims: 'See: {claims}',
  device: 'Connect a device',
  userCode: 'Code',
  userCodeHint: 'Eight letters that your device shows',
  codeUnknown:
    'This code does not exist, is over or was used already. Let your device show a new one.',
  codeMissing: 'Type the code that your device shows.',
  codeRefused: 'The device was not connected.',
  codeTooMany: 'Too many codes were typed. Try again later.',
  deviceConfirm: 'Connect {client}?',
  deviceWhy: '{client} shows this code on a device and wants to be signed in there in your name:',
  deviceWarning:
    'Go on only if you have begun this yourself and have the device before you. Whoever has sent you the code would be signed in as you.',
  deviceYes: 'Connect',
  deviceNo: 'This is not mine',
  deviceDone: 'The device is connected. You can close this page.',
};

type Texts = Readonly<Record<keyof typeof en, string>>;

const de: Texts = {
  failed: 'Hier geht es nicht weiter',
  failedWhy:
    'Die Anwendung hat um etwas gebeten, das hier nicht möglich ist. Gehen Sie zu ihr zurück und versuchen Sie es noch einmal.',
  over: 'Diese Anmeldung ist vorbei oder gehört zu einem anderen Browser. Gehen Sie zur Anwendung zurück und beginnen Sie von vorn.',
  signOutOf: 'Möchten Sie sich abmelden?',
  signOut: 'Abmelden',
  stay: 'Angemeldet bleiben',
  signedOut: 'Sie haben sich abgemeldet.',
  stayed: 'Sie sind weiter angemeldet',
  goingOn: 'Einen Moment …',
  goOn: 'Weiter',
  allow: 'Erlauben',
  deny: 'Nicht erlauben',
  consent: '{client} zulassen?',
  consentWhy: '{client} möchte in Ihrem Namen:',
  by: 'Eine Anwendung von {publisher}.',
  inApi: 'In {api}:',
  policy: 'Datenschutzerklärung',
  terms: 'Nutzungsbedingungen',
  openid: 'Wissen, dass Sie es sind',
  profile: 'Ihren Namen und Ihre Sprache sehen',
  emailScope: 'Ihre E-Mail-Adresse sehen',
  phone: 'Ihre Telefonnummer sehen',
  address: 'Ihre Postanschrift sehen',
  roles: 'Ihre Rollen sehen',
  groups: 'Sehen, zu welchen Gruppen Sie gehören',
  offline_access: 'All das auch tun, während Sie nicht da sind',
  claims: 'Sehen: {claims}',
  device: 'Ein Gerät verbinden',
  userCode: 'Code',
  userCodeHint: 'Acht Buchstaben, die Ihr Gerät anzeigt',
  codeUnknown:
    'Diesen Code gibt es nicht, er ist abgelaufen oder wurde schon verwendet. Lassen Sie Ihr Gerät einen neuen anzeigen.',
  codeMissing: 'Geben Sie den Code ein, den Ihr Gerät anzeigt.',
  codeRefused: 'Das Gerät wurde nicht verbunden.',
  codeTooMany: 'Es wurden zu viele Codes eingegeben. Versuchen Sie es später noch einmal.',
  deviceConfirm: '{client} verbinden?',
  deviceWhy:
    '{client} zeigt auf einem Gerät diesen Code an und möchte dort in Ihrem Namen angemeldet sein:',
  deviceWarning:
    'Machen Sie nur weiter, wenn Sie dies selbst begonnen haben und das Gerät vor sich sehen. Wer Ihnen den Code geschickt hat, wäre sonst als Sie angemeldet.',
  deviceYes: 'Verbinden',
  deviceNo: 'Das ist nicht meines',
  deviceDone: 'Das Gerät ist verbunden. Sie können diese Seite schließen.',
};

const LANGUAGES: Readonly<Record<string, Texts>> = { en, de };

export type TextKey = keyof typeof en;

/** A text of this language with its {names} filled in. */
export function say(
  { tag }: { readonly tag: string },
  key: TextKey,
  values: Readonly<Record<string, string>> = {},
): string {
  const text = (LANGUAGES[tag] ?? en)[key];
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
