import { expect, test } from 'vitest';
import { failureOfServer, shownFailure } from '../../src/gateway/call/call-errors.js';
import { GatechartError } from '../../src/errors.js';
import { LinkError } from '../../src/transports/transport.js';

const request = { server: 'a', method: 'tools/call', params: { name: 'b' } } as const;

function refusalWith(data: unknown): GatechartError {
  const cause = new LinkError('refused', 'no', { rpcCode: -32_000, rpcData: data });
  return new GatechartError('CALL_REFUSED', 'no', { cause });
}

test('the data of an error that is nested without end is left out, and the call has its answer', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(60_000)}${']'.repeat(60_000)}`);
  const failure = failureOfServer(refusalWith(deep), request);
  expect(failure.details.rpcData).toBeUndefined();
  expect(shownFailure(failure, request)).toEqual({
    content: [{ type: 'text', text: expect.stringContaining('no') }],
    isError: true,
  });
});

test('data that can be shown is shown, and passed on', () => {
  const failure = failureOfServer(refusalWith({ retry: 1 }), request);
  expect(failure.details.rpcData).toEqual({ retry: 1 });
  expect(shownFailure(failure, request)).toMatchObject({ content: [{}, { text: '{"retry":1}' }] });
});
