import { expect, test } from 'vitest';
import { guardRequest } from '../../src/gateway/call/guarded-leg.js';
import { createManager } from '../../src/manager/create-manager.js';
import { silentLogger } from '../../src/observability/logger.js';
import { Cancellation } from '../../src/time/cancellation.js';
import { cleanups } from '../fixtures/cleanups.js';

test.each([
  ['tools/call', { name: 'a', arguments: {}, task: {} }],
  ['prompts/get', { name: 'a', argument: { b: 'c' } }],
  ['resources/read', { uri: 'a:b', range: 'all' }],
] as const)('%s with a parameter that no hook is shown is sent to no server', async (method, params) => {
  const manager = await createManager({ config: { plugins: [] }, logger: silentLogger });
  cleanups.push(() => manager.close());
  const leg = { manager, context: { requestId: '1' }, extensions: undefined, signal: new Cancellation() };
  await expect(guardRequest[method](leg, params)).rejects.toMatchObject({
    code: 'PAYLOAD_INVALID',
    message: expect.stringContaining('no plugin would see'),
  });
});
