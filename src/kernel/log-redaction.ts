/** Owns what a log line may say: which names hide their value, and what a secret looks like. */
const HIDDEN = '[redacted]';
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;

const SECRET_NAMES = [
  'authorization',
  'proxyauthorization',
  'cookie',
  'cookies',
  'setcookie',
  'password',
  'newpassword',
  'currentpassword',
  'passphrase',
  'secret',
  'clientsecret',
  'secrets',
  'token',
  'tokens',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'idtokenhint',
  'logouttoken',
  'csrftoken',
  'apikey',
  'xapikey',
  'internalkey',
  'masterkey',
  'privatekey',
  'sessionid',
  'codeverifier',
  'usercode',
  'devicecode',
  'backupcodes',
  'otp',
  'totp',
  'pin',
  'assertion',
  'clientassertion',
  'samlresponse',
  'credential',
  'credentials',
  'databaseurl',
  'idempotencykey',
];
const names: ReadonlySet<string> = new Set([...SECRET_NAMES, 'code', 'key', 'state', 'nonce']);

/** A copy without the values of secret names, at any depth; errors become plain objects. */
export function redact(bindings: Record<string, unknown>): Record<string, unknown> {
  return fields(bindings, 0, []);
}

/** Makes the last look at a finished line. `hide` holds exact values. */
export function scrubber(hide: readonly string[]): (line: string) => string {
  const exact = hide.filter((value) => value.length > 0).map((v) => JSON.stringify(v).slice(1, -1));
  return (line) => {
    let clean = line;
    for (const value of exact) clean = clean.replaceAll(value, HIDDEN);
    if (SUSPECT.test(clean)) {
      for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
    }
    return clean.replace(UNSEEN, escaped);
  };
}

// In text, names may be written with - or _ between their words, and end a longer name.
const SPELLED = [
  'api[-_]?key',
  'password',
  'passphrase',
  'secret',
  'token',
  'cookie',
  'assertion',
  'authorization',
  '(?:private|internal|master)[-_]?key',
  'session[-_]?id',
  'code[-_]verifier',
  '(?:user|device)[-_]code',
  'SAMLResponse',
  '\\bt?otp',
].join('|');

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Our own credentials keep their public part.
  [/\b(sgnt_[A-Za-z0-9]+_|sgcs_|sgia_|sgra_)[\w-]+/g, `$1${HIDDEN}`],
  [/\beyJ[\w-]{6,}\.[\w-]+\.?[\w-]*/g, HIDDEN],
  [/\b(Bearer|Basic|DPoP)(\s+|%20)[\w.~+/=-]{6,}/gi, `$1$2${HIDDEN}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"\\]*:)[^\s/"\\]+@/gi, `$1${HIDDEN}@`],
  [/([?&;](?:code|state|nonce|key)=)[^&;#\s"'\\]+/gi, `$1${HIDDEN}`],
  // JSON or a query inside a message: "password":"..." however often it was quoted, password=...
  [new RegExp(`((?:${SPELLED})\\\\*"\\s*:\\s*\\\\*")(?:[^"\\\\]|\\\\(?!"))+`, 'gi'), `$1${HIDDEN}`],
  [new RegExp(`((?:${SPELLED})=)[^&;\\s"'\\\\]+`, 'gi'), `$1${HIDDEN}`],
];

// What every pattern above needs; most lines hold none of it and are spared the rest.
const SUSPECT =
  /sgnt_|sgcs_|sgia_|sgra_|eyJ|:\/\/|[?&;](?:code|state|nonce|key)=|pass|secret|token|cookie|assert|[a-z][-_]?key|auth|session|verifier|_code|saml|otp|bearer|basic|dpop/i;

// JSON leaves these as they are: DEL, the C1 controls (0x9b starts an ANSI sequence) and the two
// separators that some readers take for the end of a line.
const UNSEEN = /[\u007f-\u009f\u2028\u2029]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function fields(source: object, depth: number, above: object[]): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(source)) {
    clean[key] = value != null && isSecret(key) ? HIDDEN : shown(value, depth + 1, above);
  }
  return clean;
}

function isSecret(key: string): boolean {
  if (names.has(key)) return true;
  return names.has(key.replace(/[-_\s]/g, '').toLowerCase());
}

function shown(value: unknown, depth: number, above: object[]): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (above.includes(value)) return '[circular]';
  if (depth > MAX_DEPTH) return '[deeper]';
  const path = [...above, value];
  if (value instanceof Error) return told(value, depth, path);
  if (value instanceof Map) return fields(Object.fromEntries(value), depth, path);
  if (Array.isArray(value) || value instanceof Set) {
    return Array.from(value)
      .slice(0, MAX_ITEMS)
      .map((item) => shown(item, depth + 1, path));
  }
  return fields(value, depth, path);
}

/** Only these: drivers put statements, rows and parameters into their errors' other properties. */
function told(error: Error, depth: number, path: object[]): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const code = 'code' in error && /^(string|number)$/.test(typeof error.code) ? error.code : null;
  return {
    type: name,
    message,
    ...(code === null ? {} : { errorCode: code }),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined ? {} : { cause: shown(cause, depth + 1, path) }),
    ...(error instanceof AggregateError ? { errors: shown(error.errors, depth + 1, path) } : {}),
  };
}
