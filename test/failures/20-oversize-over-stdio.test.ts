import { expect, it } from 'vitest';
import { callTool, external, start, stdio } from '../fixtures/manager/managers.js';
import { rejection } from '../fixtures/waiting.js';

const tooMuch = 20 * 1024 * 1024;

it('over stdio: a message of 20 MiB, either way, fails its own call; those beside it are answered on the same link', async () => {
  const manager = await start({ config: external(stdio(), { max_payload_size: 1_000_000_000 }) });
  const { pid } = (await callTool(manager, 'pid')).metadata;
  const beside = Array.from({ length: 8 }, (_, n) => callTool(manager, 'sleep', { ms: 200, label: `beside ${n}` }));
  const answer = await rejection(callTool(manager, 'large', { bytes: tooMuch }));
  expect(answer).toMatchObject({ code: 'MESSAGE_TOO_LARGE', message: expect.stringContaining('16777216 bytes') });
  const request = await rejection(callTool(manager, 'echo', { text: 'x'.repeat(tooMuch) }));
  expect(request).toMatchObject({ code: 'MESSAGE_TOO_LARGE', message: expect.stringContaining('it was not sent') });
  await Promise.all(beside);
  expect((await callTool(manager, 'pid')).metadata).toEqual({ pid });
  const { asleep } = (await callTool(manager, 'cancelled')).metadata;
  expect(asleep).toHaveLength(8);
});
