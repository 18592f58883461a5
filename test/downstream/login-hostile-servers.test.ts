import { expect, test } from 'vitest';
import { LoginEndpoint } from '../../src/downstream/login/login-endpoint.js';
import { loginStatus } from '../../src/downstream/login/login-texts.js';
import { MemoryLoginStore } from '../../src/downstream/login/memory-login-store.js';
import type { LoginSettings } from '../../src/downstream/server-entry.js';
import { silentLogger } from '../../src/observability/logger.js';
import { systemClock } from '../../src/time/clock.js';

function fetchOf(url: string, settings: LoginSettings = {}) {
  const dependencies = {
    store: new MemoryLoginStore(),
    logger: silentLogger,
    clock: systemClock,
    ssrfProtection: true,
    requestTimeoutMs: 1_000,
  };
  return new LoginEndpoint({ name: 'a', url, settings }, dependencies).fetch(new AbortController().signal);
}

// Nothing listens on this port.
const own = ['http://127.0.0.1:9/token', 'http://localhost:9/token', 'https://[::1]:9/token'];

test.each(own)('a server elsewhere cannot have %s asked', async (url) => {
  await expect(fetchOf('https://mcp.example/mcp')(url)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
});

test('a server on this machine can, and one whose entry names metadata there', async () => {
  const local = { authServerMetadataUrl: 'http://127.0.0.1:9/metadata' };
  for (const fetch of [fetchOf('http://127.0.0.1:1/mcp'), fetchOf('https://mcp.example/mcp', local)]) {
    await expect(fetch('http://127.0.0.1:9/token')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }
});

test.each([
  [1e18, 'logged in'],
  [Number.POSITIVE_INFINITY, 'logged in'],
  [0, 'logged in; the token ends 1970-01-01T00:00:00.000Z'],
])('a token that ends at %d is told of', (expiresAt, expected) => {
  const token = { obtainedAt: 0, expiresAt, refreshAt: 0, canRefresh: false, scopes: [] };
  const settings = {
    grant: 'authorization_code',
    personTimeoutMs: 1,
    cooldownMs: 1,
    freshMs: 1,
    maxStepUps: 1,
  } as const;
  const context = { settings, now: () => 0, token, isRenewed: false, refusal: undefined, stepUps: 0 };
  expect(loginStatus('a', 'authorised', { ...context, address: undefined, lastError: undefined })).toBe(expected);
});
