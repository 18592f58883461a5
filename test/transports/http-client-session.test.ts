import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/observability/logger.js';
import { systemClock } from '../../src/time/clock.js';
import { HttpDispatcher } from '../../src/transports/http/dispatch/http-dispatcher.js';
import { Exchange, type HttpReceiver, type HttpRequest } from '../../src/transports/http/dispatch/http-exchange.js';
import { HttpClientSession } from '../../src/transports/http/http-client-session.js';
import { httpSettings } from '../fixtures/transports/transports.js';

/** Notes what it is to send. */
class NotingDispatcher extends HttpDispatcher {
  readonly sent: HttpRequest[] = [];

  override send(request: HttpRequest, receiver: HttpReceiver): Exchange {
    this.sent.push(request);
    return new Exchange(this, request, receiver);
  }
}

const url = new URL('http://127.0.0.1:1/mcp?a=1');
const configured = { 'x-key': 'secret', accept: 'overruled' };
const kinds = [{ accept: 'application/json', 'content-type': 'application/json' }, { accept: 'text/event-stream' }, {}];
const text = fc.constantFrom('one', 'two');
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ send: fc.constantFrom(...kinds) }) },
    fc.record({ id: text }),
    fc.record({ version: text }),
    fc.record({ cookie: text }),
    fc.record({ path: text }),
  ),
  { maxLength: 30 },
);

test('each request has the headers and the path that hold when it is sent, whatever the one before had', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const options = { url, name: 'guard', http: httpSettings, clock: systemClock };
      const dispatcher = new NotingDispatcher(options);
      const session = new HttpClientSession({
        ...options,
        dispatcher,
        headers: configured,
        logger: silentLogger,
        random: Math.random,
        maxMessageBytes: 1000,
        onMessage() {},
        onTraffic() {},
        isAwaited: () => false,
        isOurs: () => false,
        onRefused() {},
        onLost() {},
      });
      let own: Record<string, string> = {};
      let path = '/mcp?a=1';
      for (const step of taken) {
        if ('id' in step) {
          session.id = step.id;
          own = { ...own, 'mcp-session-id': step.id };
        } else if ('version' in step) {
          session.protocolVersion = step.version;
          own = { ...own, 'mcp-protocol-version': step.version };
        } else if ('cookie' in step) {
          session.keepCookies({ 'set-cookie': [`named=${step.cookie}; Path=/`] });
          own = { ...own, cookie: `named=${step.cookie}` };
        } else if ('path' in step) {
          path = `/${step.path}?b=2`;
          session.redirect(308, path);
        } else {
          session.send({ method: 'POST', headers: step.send, idleTimeoutMs: 0 }, new Silent());
          expect(dispatcher.sent.at(-1)).toMatchObject({ path });
          expect(dispatcher.sent.at(-1)?.headers).toEqual({
            ...configured,
            'accept-encoding': 'identity',
            ...step.send,
            ...own,
          });
        }
      }
      await dispatcher.destroy();
    }),
  );
});

class Silent implements HttpReceiver {
  head(): void {}
  data(): void {}
  end(): void {}
  failed(): void {}
}
