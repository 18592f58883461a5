import { expect, it } from 'vitest';
import { openJsonSource } from '../../../src/gateway/http/json-source.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { startAuthorizationServer } from '../../fixtures/gateway/authorization-server.js';

it('what cannot be read is told without the query of its URL, which may be a secret', async () => {
  const server = await startAuthorizationServer();
  server.mode = 'failing';
  const source = await openJsonSource();
  cleanups.push(() => source.close());
  await expect(source.read(`${server.jwksUrl}?key=secret`)).rejects.toMatchObject({
    message: `${server.jwksUrl} cannot be read: it answered with status 500`,
  });
});
