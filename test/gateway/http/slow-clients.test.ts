import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { cleanups } from '../../fixtures/cleanups.js';
import { openGateway } from '../../fixtures/gateway/gateway-over-http.js';

it.each([
  ['headers', 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
  [
    'body',
    'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\nContent-Length: 9\r\n\r\n1',
  ],
])('a client whose %s do not come to an end is cut off', async (_, text) => {
  const { origin } = await openGateway({ limits: { requestTimeoutMs: 100 } });
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  cleanups.push(() => Promise.resolve(void socket.destroy()));
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.write(text);
  await once(socket, 'close');
  expect(answer).toMatch(/^HTTP\/1.1 408 /);
});
