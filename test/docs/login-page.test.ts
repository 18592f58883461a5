import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { readServers } from '../../src/downstream/servers-file/read-servers.js';
import { GatechartError } from '../../src/errors.js';
import { cleanups } from '../fixtures/cleanups.js';
import { loginWorld, needed } from '../fixtures/downstream/login-world.js';
import { requestWith } from '../fixtures/downstream/logged-in-client.js';
import { rejection } from '../fixtures/waiting.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(path.join(root, 'docs/guides/servers-that-need-a-login.md'), 'utf8');

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);
}

test('the entries of the guide on logins can be used', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'guide-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, 'ledger-key.pem'), '-----BEGIN PRIVATE KEY-----\n');
  const [plain, machines, registered] = await Promise.all(
    blocks('json').map(async (text, index) => {
      const file = path.join(folder, `${index}.json`);
      await writeFile(file, text);
      return readServers(file, { env: { REPORTS_SECRET: 'sesame' }, strict: true });
    }),
  );
  expect(plain?.entries[0]?.reach).toMatchObject({ login: undefined });
  expect(machines?.entries.map(({ reach }) => reach)).toMatchObject([
    { login: { grant: 'client_credentials', clientId: 'gateway', clientSecret: 'sesame' } },
    { login: { grant: 'client_credentials', clientId: 'gateway', privateKey: '-----BEGIN PRIVATE KEY-----' } },
  ]);
  expect(registered?.entries[0]?.reach).toMatchObject({
    login: { clientId: 'a1b2c3', callbackPort: 8799, scopes: ['read', 'comment'] },
  });
});

test('the guide on logins shows what agents are told', async () => {
  const w = await loginWorld();
  const own = w.login();
  await needed(own, w.server.url);
  const error = await rejection(requestWith(own, w.server.url));
  if (!(error instanceof GatechartError)) throw error;
  const shown = error.message
    .replace(/http:\/\/\S+\?\S+/, 'https://login.example.com/authorize?…')
    .replaceAll(/\bs\b/g, 'tracker');
  expect(`${shown}\n`).toBe(blocks('text')[0]);
});

test('the reasons in the guide on logins are those that are told', () => {
  const reasons = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, reason = '']) => reason.replace(' …', ''));
  const sources = ['discovery', 'login-client', 'login-requests', 'login-problem', 'person-login'].map((name) =>
    readFileSync(path.join(root, `src/downstream/login/${name}.ts`), 'utf8'),
  );
  const others = ['src/transports/http/address-guard.ts', 'machines/login-setup.ts'].map((file) =>
    readFileSync(path.join(root, file), 'utf8'),
  );
  const said = [...sources, ...others].join('\n');
  expect(reasons.length).toBeGreaterThan(5);
  expect(reasons.filter((reason) => !said.includes(reason))).toEqual([]);
});
