/** What messages say in German. */
import type { FactorKind, Language } from './messages.model.ts';

const FACTORS: { readonly [F in FactorKind]: string } = {
  TOTP: 'einer Authenticator-App',
  PASSKEY: 'eines Passkeys',
  EMAIL: 'von Codes per E-Mail',
  SMS: 'von Codes per SMS',
  BACKUP_CODES: 'von Ersatzcodes',
};

const notYou = (tenant: string) =>
  `Wenn Sie das nicht waren, wenden Sie sich sofort an die Verwaltung von ${tenant}.`;

export const german: Language = {
  orOpen: 'Wenn das nicht geht, öffnen Sie diese Adresse:',
  footer: ({ tenant }) =>
    `${tenant}. Diese Nachricht wurde automatisch versandt; Antworten liest niemand.`,
  templates: {
    'reset-password': ({ link }, { tenant, left }) => ({
      subject: `Neues Passwort für ${tenant}`,
      body: [
        `Jemand, vermutlich Sie, möchte ein neues Passwort für Ihr Konto bei ${tenant} wählen.`,
        { link, label: 'Neues Passwort wählen' },
        `Der Link gilt einmal und noch ${left}. Wenn Sie das nicht waren, tun Sie nichts: Ihr Passwort bleibt, wie es ist.`,
      ],
    }),
    'verify-email': ({ link }, { tenant, left }) => ({
      subject: `Bestätigen Sie Ihre E-Mail-Adresse für ${tenant}`,
      body: [
        `Bitte bestätigen Sie, dass diese Adresse zu Ihrem Konto bei ${tenant} gehört.`,
        { link, label: 'Adresse bestätigen' },
        `Der Link gilt einmal und noch ${left}. Wenn Sie dort kein Konto haben, tun Sie nichts.`,
      ],
    }),
    'change-email': ({ link }, { tenant, left }) => ({
      subject: `Ihre neue E-Mail-Adresse für ${tenant}`,
      body: [
        `Jemand, vermutlich Sie, möchte diese Adresse für das eigene Konto bei ${tenant} verwenden und sich künftig damit anmelden.`,
        { link, label: 'Diese Adresse verwenden' },
        `Der Link gilt einmal und noch ${left}, wenn Sie angemeldet sind, noch mit Ihrer bisherigen Adresse. Wenn Sie das nicht waren, tun Sie nichts.`,
      ],
    }),
    invitation: ({ link }, { tenant, left }) => ({
      subject: `Einladung zu ${tenant}`,
      body: [
        `Bei ${tenant} wurde ein Konto für Sie angelegt. Über den Link legen Sie fest, wie Sie sich anmelden.`,
        { link, label: 'Einladung annehmen' },
        `Der Link gilt einmal und noch ${left}. Wenn Sie dort kein Konto möchten, tun Sie nichts.`,
      ],
    }),
    'sign-in-code': ({ code }, { tenant, left }) => ({
      subject: `Ihr Code für ${tenant}`,
      body: [
        `Mit diesem Code schließen Sie Ihre Anmeldung bei ${tenant} ab:`,
        { code },
        `Er gilt einmal und noch ${left}. Geben Sie ihn niemandem; niemand von ${tenant} fragt danach.`,
        'Wenn Sie sich gerade nicht anmelden, versucht es jemand anderes: Wählen Sie ein neues Passwort.',
      ],
    }),
    'account-exists': ({ link }, { tenant }) => ({
      subject: `Ihr Konto bei ${tenant}`,
      body: [
        `Jemand, vermutlich Sie, wollte mit dieser Adresse ein Konto bei ${tenant} anlegen. Sie haben schon eines. Melden Sie sich damit an, oder wählen Sie dort ein neues Passwort.`,
        { link, label: 'Anmelden' },
        'Wenn Sie das nicht waren, tun Sie nichts.',
      ],
    }),
    'email-change-asked': (_, { tenant }) => ({
      subject: `Für Ihr Konto bei ${tenant} ist eine andere E-Mail-Adresse gewünscht`,
      body: [
        `Jemand, der bei Ihrem Konto bei ${tenant} angemeldet ist, vermutlich Sie, möchte ihm eine andere E-Mail-Adresse geben. Sie ändert sich erst, wenn jemand dem Link folgt, der an diese Adresse ging.`,
        `Wenn Sie das nicht waren, melden Sie sich an, melden Sie sich überall ab und wählen Sie ein neues Passwort: Damit ist der Wunsch hinfällig. Wenden Sie sich dann an die Verwaltung von ${tenant}.`,
      ],
    }),
    'email-changed': (_, { tenant }) => ({
      subject: `Die E-Mail-Adresse Ihres Kontos bei ${tenant} wurde geändert`,
      body: [
        `Ihr Konto bei ${tenant} hat jetzt eine andere E-Mail-Adresse. Diese Nachricht ging an die alte und an die neue.`,
        notYou(tenant),
      ],
    }),
    'password-changed': (_, { tenant }) => ({
      subject: `Ihr Passwort für ${tenant} wurde geändert`,
      body: [
        `Das Passwort Ihres Kontos bei ${tenant} wurde geändert.`,
        `Wenn Sie das nicht waren, wählen Sie jetzt ein neues und wenden Sie sich an die Verwaltung von ${tenant}.`,
      ],
    }),
    'factor-added': ({ factor }, { tenant }) => ({
      subject: `Neue Anmeldemöglichkeit bei ${tenant}`,
      body: [
        `Bei Ihrem Konto bei ${tenant} kann man sich jetzt mithilfe ${FACTORS[factor]} anmelden.`,
        notYou(tenant),
      ],
    }),
    'factor-removed': ({ factor }, { tenant }) => ({
      subject: `Eine Anmeldemöglichkeit bei ${tenant} wurde entfernt`,
      body: [
        `Bei Ihrem Konto bei ${tenant} kann man sich nicht mehr mithilfe ${FACTORS[factor]} anmelden.`,
        notYou(tenant),
      ],
    }),
  },
};
