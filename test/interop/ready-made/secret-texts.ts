import fc from 'fast-check';

// Forms of secrets and of what almost is one, made up here: none of them opens anything.

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const digits = '0123456789';
const letters = upper + upper.toLowerCase();

const of = (alphabet: string, minLength: number, maxLength = minLength) =>
  fc.string({ unit: fc.constantFrom(...alphabet.split('')), minLength, maxLength });

const after = (prefix: string | readonly string[], rest: fc.Arbitrary<string>) =>
  fc.tuple(fc.constantFrom(...[prefix].flat()), rest).map((parts) => parts.join(''));

const base64 = `${letters}${digits}+/`;
const word = `${letters}${digits}_-`;

const tokens = fc.oneof(
  after(['AKIA', 'AKIA', 'AROA', 'akia'], of(upper + digits, 15, 17)),
  after('AIza', of(word, 34, 36)),
  after(['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'ghx_'], of(letters + digits, 35, 36)),
  after('github_pat_', of(`${letters}${digits}_`, 18, 40)),
  after(['sk_live_', 'rk_test_', 'sk_test_', 'pk_live_'], of(letters + digits, 14, 30)),
  after(['xoxb-', 'xoxp-', 'xoxr-', 'xoxz-'], of(`${letters}${digits}-`, 8, 60)),
  of('0123456789abcdef', 30, 40),
  of('0123456789ABCDEF', 30, 70),
  after(['', ''], of(base64, 20, 50)),
  fc.tuple(of(base64, 20, 26), fc.constantFrom('=', '==', '===')).map((parts) => parts.join('')),
  fc
    .tuple(of(word, 9, 20), of(word, 9, 20), of(word, 9, 20))
    .map(([one, two, three]) => `eyJ${one}.eyJ${two}.${three}`),
);

const assignments = fc
  .tuple(
    fc.constantFrom(
      'api_key',
      'apikey',
      'API-TOKEN',
      'access_token',
      'bearerToken',
      'auth-token',
      'secret',
      'x-api-key',
    ),
    fc.constantFrom('=', ': ', ' = "', ":'", '=\n', ' ', '=='),
    fc.oneof(of(word, 18, 40), tokens),
  )
  .map((parts) => parts.join(''));

const awsSecrets = fc
  .tuple(
    fc.constantFrom('aws_secret_access_key', 'AWS access', 'aws-the-secret', 'awssecret', 'aws key', 'aws\nsecret'),
    fc.constantFrom('=', ': "', ' = ', "=='", ' - ', `${'x'.repeat(20)}=`, `${'x'.repeat(21)}=`),
    fc.oneof(of(base64, 38, 44), of(word, 40)),
  )
  .map((parts) => parts.join(''));

const plain = fc.constantFrom('a text', 'of no', 'interest', '10.0.0.1', 'https://example.com/a?b=c', '{"a": 1}');

/** What stands between two of them. */
const between = fc.constantFrom(' ', ' ', '\n', '"', '", "', '/', '-', '_', '', '.', ':', ',', '+', '=', '(', '—', 'x');

/** Texts with some of them, close together, so that they overlap. */
export const secretTexts = fc
  .array(fc.tuple(fc.oneof({ weight: 3, arbitrary: tokens }, assignments, awsSecrets, plain), between), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.flat().join(''));
