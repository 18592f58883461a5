import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkHttpGuard, type HttpGuardingManager, type HttpGuardOptions } from '../http/http-guard-options.js';
import { admitRequest } from '../http/node-request.js';

/** What the guard uses of a request of Fastify. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
}

/** What the guard uses of a reply of Fastify. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

/** What the guard uses of an instance of Fastify. */
export interface FastifyLike<Request extends FastifyRequestLike = FastifyRequestLike> {
  addHook(name: 'onRequest', hook: (request: Request, reply: FastifyReplyLike) => Promise<unknown>): unknown;
}

/**
 * A plugin for Fastify. It runs the `http_*` hooks around every request of the instance that registers it, as
 * `guardExpress` does; a reply that was hijacked is looked at too.
 *
 * @throws GatechartError CONFIG_INVALID
 */
export function guardFastify<Request extends FastifyRequestLike = FastifyRequestLike>(
  manager: HttpGuardingManager,
  options: HttpGuardOptions<Request> = {},
): (instance: FastifyLike<Request>, settings: unknown, done: () => void) => void {
  checkHttpGuard(manager, options, 'guardFastify');
  const plugin = (instance: FastifyLike<Request>, _settings: unknown, done: () => void): void => {
    instance.addHook('onRequest', async (request, reply) => {
      const exchange = { request, incoming: request.raw, response: reply.raw };
      const refusal = await admitRequest(exchange, manager, options);
      if (refusal === undefined) return undefined;
      // Nothing of Fastify's own goes into the answer.
      reply.hijack();
      if (refusal !== 'gone') reply.raw.writeHead(refusal.status, refusal.headers).end(refusal.body);
      return reply;
    });
    done();
  };
  // For the whole instance, and not for a child of it that would have no routes.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'gatechart',
  });
}
