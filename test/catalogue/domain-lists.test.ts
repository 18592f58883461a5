import { expect, it } from 'vitest';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

const kinds = ['resource-filter', 'url-reputation'];
const hooks = ['resource_pre_fetch'];

it.each(
  kinds.flatMap((kind) =>
    ['bücher.example', 'xn--bcher-kva.example', 'BÜCHER.example.'].flatMap((listed) =>
      [
        'https://bücher.example/',
        'https://xn--bcher-kva.example/',
        'https://a.Bücher。example/',
        'git://bücher.example/',
      ].map((uri) => [kind, listed, uri] as const),
    ),
  ),
)('%s: %s blocks %s', async (kind, listed, uri) => {
  const more = kind === 'resource-filter' ? { allowed_protocols: ['https', 'git'] } : { block_non_secure_http: false };
  await using manager = await managerOf(kind, hooks, { blocked_domains: [listed], ...more });
  const { violation } = await manager.invokeHook('resource_pre_fetch', { uri }, { requestId: 'r' });
  expect(violation?.code).toBe(kind === 'resource-filter' ? 'DOMAIN_BLOCKED' : 'URL_REPUTATION_BLOCK');
});

it.each(
  kinds.flatMap((kind) =>
    ['*.evil.com', 'https://evil.com', 'evil.com:8080', ' evil.com', 'evil.com/', ''].map(
      (name) => [kind, name] as const,
    ),
  ),
)('%s: %j, which could block nothing, is refused', async (kind, name) => {
  await expect(managerOf(kind, hooks, { blocked_domains: [name] })).rejects.toThrow('blocked_domains[0]');
});
