import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkHttpGuard, type HttpGuardingManager, type HttpGuardOptions } from '../http/http-guard-options.js';
import { admitRequest } from '../http/node-request.js';

/** Express middleware, and Connect's. */
export type ExpressMiddleware<Request extends IncomingMessage> = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Middleware for Express. It runs the `http_*` hooks around every request behind it: headers that plugins set reach the
 * handlers, a block is answered with the status and the headers of its violation, and the hook behind the handlers sees the
 * head of the answer before its first byte. Bodies pass untouched, streams as they come. `authorization` is shown to
 * `http_auth_resolve_user` alone, and cookies to no plugin.
 *
 * @throws GatechartError CONFIG_INVALID
 */
export function guardExpress<Request extends IncomingMessage = IncomingMessage>(
  manager: HttpGuardingManager,
  options: HttpGuardOptions<Request> = {},
): ExpressMiddleware<Request> {
  checkHttpGuard(manager, options, 'guardExpress');
  return (request, response, next) => {
    const admit = async (): Promise<void> => {
      const refusal = await admitRequest({ request, incoming: request, response }, manager, options);
      if (refusal === undefined) next();
      else if (refusal !== 'gone') response.writeHead(refusal.status, refusal.headers).end(refusal.body);
    };
    void admit();
  };
}
