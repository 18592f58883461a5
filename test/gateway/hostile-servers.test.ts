import { expect, test } from 'vitest';
import { failureOfServer, shownFailure } from '../../src/gateway/call/call-errors.js';
import { CallFailure } from '../../src/gateway/call/call-failure.js';
import type { GatewayCallOwner } from '../../src/gateway/call/gateway-call-owner.js';
import { GatewayCalls } from '../../src/gateway/call/gateway-calls.js';
import { GatechartError } from '../../src/errors.js';
import { silentLogger } from '../../src/observability/logger.js';
import type { McpCall } from '../../src/serving/mcp/mcp-service.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { Cancellation } from '../../src/time/cancellation.js';
import { Deadlines } from '../../src/time/deadlines.js';
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

test('a header that a server is not to get is told as what it is', async () => {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const refused = new CallFailure('PLUGIN_FAILED', 'A plugin asks for the header x-a');
  const owner: GatewayCallOwner = {
    deadlines,
    manager: undefined,
    now: () => clock.now(),
    admit: () => ({ allowed: true, rule: undefined, reason: '' }),
    ask: () => {
      throw refused;
    },
    contextOf: () => ({ requestId: '1' }),
    extensionsOf: () => undefined,
    limit: (_request, result) => result,
    timeoutOf: () => 1_000,
    settled: () => {},
  };
  const calls = new GatewayCalls(owner, clock, silentLogger);
  const call = { signal: new Cancellation() } as unknown as McpCall;
  await expect(calls.run({ agent: undefined, call }, request)).rejects.toBe(refused);
  await calls.close(0);
});
