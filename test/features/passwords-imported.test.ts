/**
 * Hashes that users bring along. Vectors are published ones, or were made by argon2-cffi 25.1.0,
 * pyca/bcrypt 4.0.1, passlib 1.7.4 and libxcrypt.
 */
import { hash } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { hashPassword, verifyPassword } from '#features/passwords/password-hashes.ts';
import { importedHash } from '#features/passwords/passwords.model.ts';

const CHEAP = { memoryKiB: 8, iterations: 1, parallelism: 1 };
const verify = (password: string, stored: string) => verifyPassword(password, stored, CHEAP);
const RIGHT = { ok: true, outdated: true, unreadable: false };
const WRONG = { ok: false, outdated: false, unreadable: false };

const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');
const hex = (text: string) => base64(Buffer.from(text, 'hex'));

const PHRASE = 'Zoë’s horse: battery staple';
const MADE = [
  '$argon2i$v=19$m=1024,t=2,p=2$c2l4dGVlbiBieXRlIHNsdA$Brblvi3bqK3EwGKvqinr9/lIZoXD4vuW69S4jKu6z9g',
  '$argon2d$v=19$m=1024,t=2,p=2$c2l4dGVlbiBieXRlIHNsdA$Pbkk/fiFQHOX66tko/Y5xFfaRJSsYZsaMVy26tGZEPY',
  '$argon2id$v=19$m=1024,t=2,p=2$c2l4dGVlbiBieXRlIHNsdA$lHEctzJBGF/9cetS3BQpSnggk0RrT1AeKQeJELkylXY',
  '$argon2i$v=16$m=512,t=3,p=1$c2l4dGVlbiBieXRlIHNsdA$1GydSV7R+iN18tkbwkdJgg',
  '$2a$04$rLtWVjHDab2ga/nKwUKhnu3Cgx0I3qA4i2JICGvXRltr5H9/rOaRS',
  '$2b$04$HEBhxBCNFetA74ZC5hhzLucApvhDmZ1GLSrBZsjartUyhBDJlVOB2',
  '$2y$04$abcdefghijklmnopqrstuuqOq9s/afhG8YzcBb.3/qwpJhuIZwOcm',
  '$scrypt$ln=10,r=8,p=1$c2l4dGVlbiBieXRlIHNsdA$AwCv4kyFQxH6mR17IzJZ9GWnjmxgGvxuCW7kPO0HrQk',
  '$pbkdf2$1000$....MDEyMzQ1Njc4OWFiYw$EMZUxC7M57Qn8NDyuza2FFTR7VE',
  '$pbkdf2-sha256$1000$....MDEyMzQ1Njc4OWFiYw$uUVuZQ7lTj1DqPJyIZvYr2ZpDwyV9ZdkWWaQoCBPa0E',
  '$pbkdf2-sha256$i=1000,l=32$++++MDEyMzQ1Njc4OWFiYw$uUVuZQ7lTj1DqPJyIZvYr2ZpDwyV9ZdkWWaQoCBPa0E',
  '$pbkdf2-sha512$1000$....MDEyMzQ1Njc4OWFiYw$CZAtqMzyDKWbMMfSjL/.jZFTA4rj2oEPMZyU.d0pNXoOlY0Q6f66bsKcsSyk1AzVK8Up8n9eqcDZ0Tg3srCODg',
];

test.each(MADE)('%.44s lets its password in, and asks to be hashed anew', async (stored) => {
  expect(importedHash.safeParse(stored).success).toBe(true);
  expect(await verify(PHRASE, stored)).toEqual(RIGHT);
  for (const other of [`${PHRASE} `, PHRASE.slice(0, -1), PHRASE.toUpperCase(), ''])
    expect(await verify(other, stored)).toEqual(WRONG);
});

const PUBLISHED: [string, string, string][] = [
  [
    'RFC 7914 section 12, scrypt',
    'pleaseletmein',
    `$scrypt$ln=14,r=8,p=1$${base64('SodiumChloride')}$${hex('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887')}`,
  ],
  [
    'RFC 7914 section 11, PBKDF2 with SHA-256',
    'passwd',
    `$pbkdf2-sha256$i=1,l=64$${base64('salt')}$${hex('55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783')}`,
  ],
  [
    'RFC 6070, PBKDF2 with SHA-1',
    'passwordPASSWORDpassword',
    `$pbkdf2-sha1$i=4096,l=25$${base64('saltSALTsaltSALTsaltSALTsaltSALTsalt')}$${hex('3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038')}`,
  ],
  [
    'RFC 6070 with a NUL',
    'pass\0word',
    `$pbkdf2-sha1$i=4096,l=16$${base64('sa\0lt')}$${hex('56fa6aa75548099dcc37d7f03425e0c3')}`,
  ],
  [
    'the Argon2 reference, before texts named a version',
    'password',
    '$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ',
  ],
  [
    'the Argon2 reference',
    'password',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ],
];

test.each(PUBLISHED)('the vector of %s', async (_, password, stored) => {
  expect(await verify(password, stored)).toEqual(RIGHT);
  expect(await verify(`${password}x`, stored)).toEqual(WRONG);
});

test('A03 bcrypt reads 72 bytes; hashed anew the whole password counts', async () => {
  const imported = '$2b$04$YH7eljPf.eUEHznlycqXcOxss7L2n3j4AVuVJAD9ibMBR7vPOCe8S';
  const [whole, cut] = [`${'a'.repeat(72)}X`, 'a'.repeat(72)];
  expect(await verify(whole, imported)).toEqual(RIGHT);
  expect(await verify(cut, imported)).toEqual(RIGHT);
  expect(await verify(cut.slice(1), imported)).toEqual(WRONG);
  const anew = await hashPassword(whole, CHEAP);
  expect(await verify(whole, anew)).toEqual({ ...RIGHT, outdated: false });
  expect(await verify(cut, anew)).toEqual(WRONG);
});

test('A03 what another system hashed decomposed still opens, and is hashed anew', async () => {
  const decomposed = 'Zoe\u0308 and staple';
  const imported =
    '$pbkdf2-sha256$1000$c2l4dGVlbiBieXRlIHNsdA$kRBKS7cXVPZONWMBNuTpbEEXGW4LlPLLk.kPRfpSYWI';
  expect(await verify(decomposed, imported)).toEqual(RIGHT);
  expect(await verify(decomposed.normalize('NFC'), imported)).toEqual(WRONG);
});

test('an Argon2id hash at the cost of the policy is ours from now on', async () => {
  const policy = { memoryKiB: 1024, iterations: 2, parallelism: 2 };
  const stored = MADE[2] ?? '';
  expect(await verifyPassword(PHRASE, stored, policy)).toEqual({ ...RIGHT, outdated: false });
  // Made of the decomposed form it would not open to who types the other one: so it is hashed anew.
  const typed = await hash(Buffer.from('Zoe\u0308 and staple'), {
    memoryCost: 1024,
    parallelism: 2,
  });
  expect(await verifyPassword('Zoe\u0308 and staple', typed, policy)).toEqual(RIGHT);
});

test('a stored text that lost a character lets nobody in and throws nothing', async () => {
  for (const stored of MADE) {
    for (let at = 0; at < stored.length; at += 4) {
      const lost = stored.slice(0, at) + stored.slice(at + 1);
      expect([lost, (await verify(PHRASE, lost)).ok]).toEqual([lost, false]);
    }
  }
});

const SALT = base64('sixteen byte slt');
const HASH = base64(Buffer.alloc(32, 1));
test.each([
  ['memory', `$argon2id$v=19$m=131073,t=1,p=1$${SALT}$${HASH}`],
  ['memory and passes', `$argon2id$v=19$m=131072,t=5,p=1$${SALT}$${HASH}`],
  ['passes', `$argon2id$v=19$m=8,t=33,p=1$${SALT}$${HASH}`],
  ['lanes', `$argon2id$v=19$m=1024,t=1,p=17$${SALT}$${HASH}`],
  ['too little memory for the lanes', `$argon2id$v=19$m=15,t=1,p=2$${SALT}$${HASH}`],
  ['a huge number', `$argon2id$v=19$m=999999999,t=999999999,p=999999999$${SALT}$${HASH}`],
  ['an unknown version', `$argon2id$v=18$m=8,t=1,p=1$${SALT}$${HASH}`],
  ['a leading zero', `$argon2id$v=19$m=08,t=1,p=1$${SALT}$${HASH}`],
  ['a short hash', `$argon2id$v=19$m=8,t=1,p=1$${SALT}$${base64(Buffer.alloc(15))}`],
  ['bcrypt cost', '$2b$14$HEBhxBCNFetA74ZC5hhzLucApvhDmZ1GLSrBZsjartUyhBDJlVOB2'],
  ['bcrypt with the sign bug', '$2x$04$HEBhxBCNFetA74ZC5hhzLucApvhDmZ1GLSrBZsjartUyhBDJlVOB2'],
  ['scrypt memory', `$scrypt$ln=18,r=8,p=1$${SALT}$${HASH}`],
  ['scrypt exponent', `$scrypt$ln=99,r=1,p=1$${SALT}$${HASH}`],
  ['scrypt parallelism', `$scrypt$ln=14,r=8,p=9$${SALT}$${HASH}`],
  ['scrypt block', `$scrypt$ln=1,r=65,p=1$${SALT}$${HASH}`],
  ['scrypt N beyond r', `$scrypt$ln=16,r=1,p=1$${SALT}$${HASH}`],
  ['PBKDF2 iterations', `$pbkdf2-sha256$i=1500001,l=32$${SALT}$${HASH}`],
  ['PBKDF2 iterations a block', `$pbkdf2-sha1$i=750001,l=32$${SALT}$${HASH}`],
  ['PBKDF2 length', `$pbkdf2-sha256$i=1000,l=31$${SALT}$${HASH}`],
  ['PBKDF2 with MD5', `$pbkdf2-md5$i=1000,l=32$${SALT}$${HASH}`],
  ['padding', `$pbkdf2-sha256$i=1000,l=32$${SALT}==$${HASH}`],
  ['loose bits', `$pbkdf2-sha256$i=1000,l=32$${SALT.slice(0, -1)}B$${HASH}`],
  ['Django', `pbkdf2_sha256$600000$salt$${HASH}=`],
  ['crypt of SHA-512', '$6$rounds=5000$salt$hash'],
  ['a digest', '5f4dcc3b5aa765d61d8327deb882cf99'],
  ['a line break', `$2b$04$HEBhxBCNFetA74ZC5hhzLucApvhDmZ1GLSrBZsjartUyhBDJlVOB2\n`],
])('A09 %s: an import is refused with a reason', (_, text) => {
  const [issue] = importedHash.safeParse(text).error?.issues ?? [];
  expect(issue?.message).toMatch(/^must (be|have) /);
});
