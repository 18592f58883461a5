import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OpenQuestions, type Say } from '../../src/serving/mcp/open-questions.js';
import { RpcError } from '../../src/serving/mcp/rpc-error.js';
import { SessionClient } from '../../src/serving/mcp/session-client.js';
import { Cancellation } from '../../src/time/cancellation.js';
import { CuriousService } from '../fixtures/serving/curious-service.js';
import { initialize } from '../fixtures/hosting/raw-http.js';

/** Hears everything, and remembers what it was. */
function hearer(): { readonly say: Say; readonly said: Parameters<Say>[0][] } {
  const said: Parameters<Say>[0][] = [];
  return { said, say: (message) => said.push(message) > 0 };
}

it('a question that is withdrawn for two reasons at once is withdrawn once', async () => {
  const { say, said } = hearer();
  const signal = new Cancellation();
  const asked = new OpenQuestions().ask({ method: 'ping' }, say, [signal, signal]);
  signal.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  expect(said.map(({ method }) => method)).toEqual(['ping', 'notifications/cancelled']);
});

it('is not asked at all where nobody wants the answer any more', async () => {
  const { say, said } = hearer();
  const signal = new Cancellation();
  signal.abort('no error');
  await expect(new OpenQuestions().ask({ method: 'ping' }, say, [signal])).rejects.toThrow('no error');
  expect(said).toEqual([]);
});

it('every question settles once, and is told to be withdrawn unless it was answered', async () => {
  const step = fc.record({
    kind: fc.constantFrom('ask', 'ask', 'answer', 'refuse', 'abort', 'close'),
    of: fc.nat(9),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { say, said } = hearer();
      const questions = new OpenQuestions();
      const asked: { readonly signal: Cancellation; readonly ended: Promise<string> }[] = [];
      const expected: string[] = [];
      let closed = false;
      for (const { kind, of } of steps) {
        if (kind === 'ask') {
          const signal = new Cancellation();
          const question = questions.ask({ method: 'ping' }, say, [signal]);
          const ended = question.then(
            ({ of: answered }) => `answered ${String(answered)}`,
            (error: Error) => error.message,
          );
          expected.push(closed ? 'closed' : 'open');
          asked.push({ signal, ended });
          continue;
        }
        const at = of < asked.length ? of : -1;
        // Those that were asked have the ids 1, 2, …
        const wasOpen = expected[at] === 'open';
        if (kind === 'answer') {
          expect(questions.settle({ id: at + 1, result: { of: at } })).toBe(wasOpen);
          if (wasOpen) expected[at] = `answered ${at}`;
        } else if (kind === 'refuse') {
          expect(questions.settle({ id: at + 1, error: { code: 1, message: `refused ${at}` } })).toBe(wasOpen);
          if (wasOpen) expected[at] = `refused ${at}`;
        } else if (kind === 'abort') {
          asked[at]?.signal.abort(new Error(`aborted ${at}`));
          if (wasOpen) expected[at] = `aborted ${at}`;
        } else {
          questions.close(new RpcError(1, 'closed'));
          closed = true;
          for (const [each, state] of expected.entries()) if (state === 'open') expected[each] = 'closed';
        }
      }
      const openBefore = expected.filter((state) => state === 'open').length;
      questions.close(new RpcError(1, 'closed'));
      const ended = await Promise.all(asked.map((each) => each.ended));
      expect(ended).toEqual(expected.map((state) => (state === 'open' ? 'closed' : state)));
      const cancelled = said.filter(({ method }) => method === 'notifications/cancelled').map(({ params }) => params);
      const withdrawn = ended.filter((state) => /^(aborted|closed)/.test(state)).length;
      const never = asked.length - said.filter(({ method }) => method === 'ping').length;
      expect(cancelled).toHaveLength(withdrawn - never);
      expect(openBefore).toBeLessThanOrEqual(cancelled.length);
    }),
  );
});

it('a service is told once that a client is gone, and only if it was told that it is there', () => {
  const service = new CuriousService();
  const client = new SessionClient({ service, say: () => true });
  expect(client.take(JSON.parse(initialize))).toBeUndefined();
  client.close();
  expect(service.told).toEqual([]);
  const other = new SessionClient({ service, say: () => true });
  other.take(JSON.parse(initialize));
  other.hear({ method: 'notifications/initialized' });
  other.hear({ method: 'notifications/initialized' });
  other.close();
  other.close();
  other.hear({ method: 'notifications/roots/list_changed' });
  expect(service.told).toEqual(['opened', 'closed']);
});
