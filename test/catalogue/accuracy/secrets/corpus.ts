/* oxlint-disable typescript/no-unnecessary-template-expression -- the pieces keep scanners from taking it for a leak */
import { type Sample, sample } from '../score.js';
import { negatives } from './look-alikes.js';
import { generator, type Made } from './made-up.js';

// Nothing here opens anything: all is made from a seed, in the forms that the makers of the real ones describe, and in pieces,
// so that no scanner takes this folder for a leak.

interface Form {
  readonly type: string;
  /** Where the form is described. */
  readonly described: string;
  readonly make: (made: Made) => string;
  /** Texts around it, `@` standing for it. Default: the usual ones. */
  readonly around?: readonly string[];
}

const usual: readonly string[] = [
  'Use @ from now on.',
  'export CREDENTIAL=@',
  '{"credential": "@", "region": "eu"}',
  '{"content": [{"text": "{\\"value\\": \\"@\\"}"}]}',
  'level=info msg="retrying with @" attempt=2',
  'https://api.example.com/v1?credential=@&page=1',
  '# old value\\n@\\n',
  '新しい値は@です',
  '(@)',
];

const assigned: readonly string[] = [
  '[default]\naws_secret_access_key = @\n',
  'export AWS_SECRET_ACCESS_KEY=@',
  '{"Credentials": {"SecretAccessKey": "@", "Expiration": "2026-01-01T00:00:00Z"}}',
  'provider "aws" {\n  secret_key = "@"\n}',
];

const named: readonly string[] = [
  'API_KEY=@',
  'api_key: "@"',
  '{"api_key": "@"}',
  'ACME_API_KEY=@',
  'X-API-Key: @',
  'access_token=@&scope=read',
  'client.auth_token = "@"',
];

const aws = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html';
const github =
  'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github';
const slack = 'https://docs.slack.dev/authentication/tokens';
const pem = 'https://www.rfc-editor.org/rfc/rfc7468';

const forms: readonly Form[] = [
  { type: 'aws_access_key_id', described: aws, make: (made) => `AK${'IA'}${made.base32(16)}` },
  { type: 'aws_access_key_id', described: aws, make: (made) => `AS${'IA'}${made.base32(16)}` },
  {
    type: 'aws_secret_access_key',
    described: 'https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html',
    make: (made) => made.base64(40),
    around: assigned,
  },
  {
    type: 'google_api_key',
    described: 'https://cloud.google.com/docs/authentication/api-keys',
    make: (made) => `AI${'za'}${made.word(35)}`,
  },
  { type: 'github_token', described: github, make: (made) => `gh${made.one('pousr')}_${made.alphanumeric(36)}` },
  {
    type: 'github_token',
    described: github,
    make: (made) => `github_${'pat'}_${made.alphanumeric(22)}_${made.alphanumeric(59)}`,
  },
  {
    type: 'stripe_secret_key',
    described: 'https://docs.stripe.com/keys',
    make: (made) => `${made.one('sr')}k_${made.oneOf('live', 'test')}_${made.alphanumeric(made.between(24, 99))}`,
  },
  {
    type: 'slack_token',
    described: slack,
    make: (made) => `xo${'xb'}-${made.digits(12)}-${made.digits(13)}-${made.alphanumeric(24)}`,
  },
  {
    type: 'slack_token',
    described: slack,
    make: (made) => `xo${'xp'}-${made.digits(12)}-${made.digits(12)}-${made.digits(13)}-${made.hex(32)}`,
  },
  {
    type: 'slack_token',
    described: slack,
    make: (made) => `xa${'pp'}-1-A${made.base32(10)}-${made.digits(13)}-${made.hex(64)}`,
  },
  { type: 'slack_token', described: slack, make: (made) => `xo${'xe'}-1-${made.alphanumeric(146)}` },
  ...['RSA PRIVATE', 'EC PRIVATE', 'OPENSSH PRIVATE', 'PRIVATE', 'ENCRYPTED PRIVATE'].map(
    (label): Form => ({
      type: 'private_key_block',
      described: pem,
      make: (made) => {
        const lines = Array.from({ length: 5 }, () => made.base64(64));
        return [`-----BE${'GIN'} ${label} KEY-----`, ...lines, `-----END ${label} KEY-----`].join('\n');
      },
      around: ['@', 'cat key.pem\n@\n', 'key: |\n@\nother: 1', 'The key\n@\nis old.'],
    }),
  ),
  {
    type: 'jwt_like',
    described: 'https://www.rfc-editor.org/rfc/rfc7519',
    make: (made) => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: made.digits(10), iat: 1_700_000_000 })}.${made.word(43)}`;
    },
    around: ['Authorization: Bearer @', '{"id_token": "@"}', 'session=@; Path=/', 'https://a.example/#token=@', '@'],
  },
  {
    type: 'generic_api_key_assignment',
    described: 'https://swagger.io/docs/specification/v3_0/authentication/api-keys/',
    make: (made) => made.word(made.between(24, 40)),
    around: named,
  },
  {
    type: 'hex_secret_32',
    described: 'https://docs.datadoghq.com/account_management/api-app-keys/',
    make: (made) => made.hex(made.between(16, 20) * 2),
  },
  {
    type: 'base64_24',
    described: 'https://learn.microsoft.com/en-us/azure/storage/common/storage-account-keys-manage',
    make: (made) => `${made.base64(85)}A==`,
  },
];

/** Samples of each form in the texts around it. */
const times = 2;

/** Every sample, the same ones each time. */
export function secretsCorpus(): readonly Sample[] {
  const made = generator(20_264);
  const positives = forms.flatMap(({ type, make, around = usual }) =>
    around.flatMap((text) =>
      Array.from({ length: times }, () => sample(text.replace('@', () => `[[${type}|${make(made)}]]`))),
    ),
  );
  return [...positives, ...negatives(made).map((text) => ({ text, findings: [] }))];
}
