import { expect, it } from 'vitest';
import { openJsonSource, SourceError } from '../../../src/gateway/http/json-source.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { startAuthorizationServer } from '../../fixtures/gateway/authorization-server.js';
import { fullPort } from '../../fixtures/transports/full-port.js';
import { eventually, rejection } from '../../fixtures/waiting.js';

it('what cannot be read is told without the query of its URL, which may be a secret', async () => {
  const server = await startAuthorizationServer();
  server.mode = 'failing';
  const source = await openJsonSource();
  cleanups.push(() => source.close());
  await expect(source.read(`${server.jwksUrl}?key=secret`)).rejects.toMatchObject({
    message: `${server.jwksUrl} cannot be read: it answered with status 500`,
  });
});

it('is closed at once while a connection is being made, and leaves nothing', async () => {
  const port = await fullPort();
  const sockets = () => process.getActiveResourcesInfo().filter((kind) => /TCP|ConnectWrap/.test(kind)).length;
  const before = sockets();
  const source = await openJsonSource();
  const read = rejection(source.read(`http://127.0.0.1:${port}/jwks`));
  await eventually('it connects', () => sockets() > before);
  const began = performance.now();
  await Promise.all([source.close(), source.close()]);
  expect(await read).toBeInstanceOf(SourceError);
  expect(performance.now() - began).toBeLessThan(1_000);
  await eventually('nothing is left', () => sockets() <= before);
});
