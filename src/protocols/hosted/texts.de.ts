/** What the pages say, in German. */
import type { Texts } from './texts.en.ts';

export const de: Texts = {
  signIn: 'Anmelden',
  signOut: 'Abmelden',
  signOutEverywhere: 'Überall abmelden',
  email: 'E-Mail-Adresse',
  password: 'Passwort',
  newPassword: 'Neues Passwort',
  currentPassword: 'Bisheriges Passwort',
  continue: 'Weiter',
  changePassword: 'Passwort ändern',
  changePasswordWhy:
    'Dieses Passwort ist womöglich jemand anderem bekannt. Wählen Sie ein anderes, um fortzufahren.',
  save: 'Speichern',
  yourAccount: 'Ihr Konto',
  signedInAs: 'Sie sind angemeldet als {email}.',
  sessions: 'Wo Sie angemeldet sind',
  thisSession: 'dieser Browser',
  lastUsed: 'zuletzt benutzt {when}',
  unknownBrowser: 'Unbekannter Browser',
  endSession: 'Beenden',
  signedOut: 'Sie sind abgemeldet.',
  saved: 'Gespeichert. Ihre anderen Sitzungen sind beendet.',
  goBack: 'Zurück',
  error: 'Das hat nicht geklappt',
  INVALID_CREDENTIALS: 'Die E-Mail-Adresse oder das Passwort stimmt nicht.',
  WRONG_PASSWORD: 'Das bisherige Passwort stimmt nicht.',
  SIGN_IN_EXPIRED:
    'Diese Anmeldung ist beendet oder hat zu lange gedauert. Bitte beginnen Sie neu.',
  RATE_LIMITED: 'Zu viele Versuche. Bitte versuchen Sie es später wieder.',
  UNAVAILABLE: 'Gerade ist viel los. Bitte versuchen Sie es gleich noch einmal.',
  NOT_FOUND: 'Diese Seite gibt es nicht.',
  TENANT_SUSPENDED: 'Diese Organisation ist zurzeit geschlossen.',
  FORM_EXPIRED: 'Die Seite war zu lange offen. Bitte schicken Sie das Formular noch einmal ab.',
  OTHER: 'Etwas ist schiefgegangen. Bitte versuchen Sie es noch einmal.',
};
