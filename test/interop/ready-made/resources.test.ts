import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { expect, inject, it } from 'vitest';
import { answersOfBoth, type Compared } from './both-answers.js';
import { startOracle } from './oracle.js';

const seed = 20_263;
const filter = 'plugins.resource_filter.resource_filter.ResourceFilterPlugin';
const allowlist = 'plugins.file_type_allowlist.file_type_allowlist.FileTypeAllowlistPlugin';
const reputation = 'cpex_url_reputation.URLReputationPlugin';
const hooks = ['resource_pre_fetch', 'resource_post_fetch'];

/** Why an answer may be another than theirs. Each stands on the page of its plugin. */
const filterDifferences: Readonly<Record<string, (compared: Compared) => boolean>> = {
  'user, port and last dot do not hide a domain': ({ call, ours }) =>
    (ours.violation?.['code'] === 'DOMAIN_BLOCKED' || call.hook === 'resource_post_fetch') &&
    /@|:\d|\.(?:\/|$)|\\|%/.test(uriOf(call).slice(6)),
  'content is looked at also where its URI was not': ({ call, theirs }) =>
    call.hook === 'resource_post_fetch' && theirs.metadata['filtered'] === undefined,
};
const allowlistDifferences: typeof filterDifferences = {
  'what says no type': ({ ours }) => String(ours.violation?.['description']).endsWith('is missing'),
  'a dot in the name of a folder': ({ call, theirs }) =>
    /\.[^/]*\//.test(String(theirs.violation?.['description'])) && /\.[^/]*\/[^./]*$/.test(uriOf(call)),
};
const reputationDifferences: typeof filterDifferences = {
  'a last dot does not hide a domain': ({ call }) => /[a-z]\.(?:[:/]|$)/.test(uriOf(call)),
  'as the URL standard writes it': isBlockedAsFetched,
  'a public suffix alone': ({ call }) => /^https:\/\/[^.]+\.ck\//.test(uriOf(call)),
  'rare letters': ({ ours, theirs }) =>
    [ours, theirs].some(({ violation }) => violation?.['reason'] === 'Domain unicode is not secure'),
};

/** A pattern matches the URL as it is fetched, and not as it is written. */
function isBlockedAsFetched({ call, ours }: Compared): boolean {
  const uri = uriOf(call);
  return ours.violation?.['reason'] === 'Blocked pattern' && URL.canParse(uri) && new URL(uri).href !== uri;
}

const domains = [
  'evil.com',
  'Evil.com',
  'sub.evil.com',
  'notevil.com',
  'good.org',
  'x.good.org',
  'localhost',
  '1.2.3.4',
];
const uris = fc
  .record({
    scheme: fc.constantFrom('https', 'https', 'http', 'HTTPS', 'file', 'ftp', 'test', ''),
    user: fc.constantFrom('', '', '', 'me@', 'me:pw@'),
    domain: fc.constantFrom(...domains, 'evil.com.', '[::1]'),
    port: fc.constantFrom('', '', '', ':8443'),
    path: fc.constantFrom(
      '',
      '/',
      '/a.md',
      '/a.EXE',
      '/a.b/c',
      '/x.txt?y=z.md',
      '/a.html#b.exe',
      '/a.exe;.md',
      '/evil',
    ),
  })
  .map(({ scheme, user, domain, port, path }) => `${scheme && `${scheme}://`}${user}${domain}${port}${path}`);
const odd = fc.constantFrom(
  '',
  'x',
  'https:',
  'https://',
  'mailto:a@b.c',
  'urn:isbn:1',
  '//evil.com/a.md',
  'a.md',
  'data:,x',
);
const contents = fc.record(
  {
    type: fc.constant('resource'),
    id: fc.constant('1'),
    uri: fc.constant('test://a'),
    mime_type: fc.constantFrom('text/html', 'TEXT/plain', 'image/png', 'text/html; charset=utf-8'),
    text: fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom('my Password: hunter2 and', 'api_key=abc', 'SECRET : x', 'é'.repeat(30), 'a1b22'),
    ),
  },
  { requiredKeys: ['type', 'id', 'uri', 'text'] },
);

it.runIf(inject('pythons') !== null)('resources are filtered as theirs are', async () => {
  const configs = fc.record({
    max_content_size: fc.constantFrom(20, 50, 1_048_576),
    allowed_protocols: fc.constantFrom(['http', 'https'], ['file', 'test', 'https']),
    blocked_domains: fc.constantFrom([], ['Evil.com', 'localhost']),
    content_filters: fc.constantFrom(
      [],
      [
        { pattern: 'password\\s*[:=]\\s*\\S+', replacement: 'password: [REDACTED]' },
        { pattern: 'secret\\s*[:=]\\s*\\S+' },
      ],
      [{ pattern: '(?P<letter>[a-z])(\\d+)', replacement: '\\2\\g<letter>' }],
    ),
  });
  const all = await compare('1.0.0', filter, configs, (index) =>
    fc
      .sample(fc.tuple(fc.oneof({ weight: 4, arbitrary: uris }, odd), contents), { seed: seed + index, numRuns: 20 })
      .flatMap(([uri, content], at) => [
        { hook: 'resource_pre_fetch', payload: { uri }, request: `${at}` },
        { hook: 'resource_post_fetch', payload: { uri, content }, request: `${at}`, resource: true },
      ]),
  );
  expectAlike(all, filterDifferences);
});

it.runIf(inject('pythons') !== null)('types are allowed as theirs are', async () => {
  const configs = fc.record({
    allowed_mime_types: fc.constantFrom([], ['text/plain', 'Text/HTML']),
    allowed_extensions: fc.constantFrom([], ['.md', '.TXT', '.html']),
  });
  const all = await compare('1.0.0', allowlist, configs, (index) =>
    fc
      .sample(fc.tuple(fc.oneof({ weight: 4, arbitrary: uris }, odd), contents), { seed: seed + index, numRuns: 20 })
      .flatMap(([uri, content]) => [
        { hook: 'resource_pre_fetch', payload: { uri } },
        { hook: 'resource_post_fetch', payload: { uri, content }, resource: true },
      ]),
  );
  expectAlike(all, allowlistDifferences);
});

it.runIf(inject('pythons') !== null)('URLs are blocked as the wheel blocks them', async () => {
  const configs = fc.record({
    whitelist_domains: fc.constantFrom([], ['Good.org'], ['sub.evil.com']),
    allowed_patterns: fc.constantFrom([], ['\\.md$']),
    blocked_domains: fc.constantFrom([], ['EVIL.com', '1.2.3.4']),
    blocked_patterns: fc.constantFrom([], ['evil', '^https://x']),
    use_heuristic_check: fc.boolean(),
    entropy_threshold: fc.constantFrom(3.65, 2.5, 9),
    block_non_secure_http: fc.constantFrom(true, true, false),
  });
  const names = fc.oneof(
    fc.string({ minLength: 1, maxLength: 14, unit: fc.constantFrom(...Array.from('abcdefgh0123-')) }),
    fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(...Array.from('abcабвгαβ漢字カ')) }),
  );
  const tops = fc.constantFrom('com', 'org', 'co.uk', 'рф', 'invalidtld', 'museum', 'internal', 'ck', 'zip');
  const urls = fc.oneof(
    uris,
    odd,
    fc.tuple(names, tops).map(([name, top]) => `https://${name}.${top}/`),
  );
  const all = await compare('cpex', reputation, configs, (index) =>
    fc
      .sample(urls, { seed: seed + index, numRuns: 40 })
      .map((uri) => ({ hook: 'resource_pre_fetch', payload: { uri } })),
  );
  expectAlike(all, reputationDifferences);
  const unicode = all.filter(({ theirs }) => theirs.violation?.['reason'] === 'Domain unicode is not secure');
  expect(unicode.length).toBeGreaterThan(5);
  const unlike = unicode.filter(
    (compared) =>
      compared.ours.violation?.['reason'] !== compared.theirs.violation?.['reason'] && !isBlockedAsFetched(compared),
  );
  expect(unlike.map(({ call }) => uriOf(call))).toEqual([]);
});

async function compare(
  generation: 'cpex' | '1.0.0',
  kind: string,
  configs: fc.Arbitrary<object>,
  callsOf: (index: number) => readonly Compared['call'][],
): Promise<readonly Compared[]> {
  const pythons = inject('pythons');
  if (pythons === null) throw new Error('there is no Python');
  await using oracle = await startOracle(generation, pythons[generation]);
  const all: Compared[] = [];
  for (const [index, config] of fc.sample(configs, { seed, numRuns: 16 }).entries()) {
    const on = kind === reputation ? ['resource_pre_fetch'] : hooks;
    all.push(...(await answersOfBoth(oracle, { kind, config, hooks: on, calls: callsOf(index) })));
  }
  return all;
}

function expectAlike(all: readonly Compared[], differences: typeof filterDifferences): void {
  const unlike = all.filter(({ ours, theirs }) => !isDeepStrictEqual(plain(ours), plain(theirs)));
  const unexplained = unlike.filter((compared) => !Object.values(differences).some((isSo) => isSo(compared)));

  expect(unexplained.slice(0, 3).map((compared) => JSON.stringify(compared))).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(500);
  expect(all.filter(({ theirs }) => theirs.stop).length).toBeGreaterThan(80);
}

function uriOf({ payload }: Compared['call']): string {
  return 'uri' in payload && typeof payload.uri === 'string' ? payload.uri : '';
}

function plain({ stop, violation, payload, metadata }: Compared['ours']): unknown {
  return JSON.parse(JSON.stringify({ stop, violation, payload, metadata }));
}
