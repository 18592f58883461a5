import type { IncomingMessage, ServerResponse } from 'node:http';
import { holdAnswer } from './held-answer.js';
import { type HttpRefusal, isHttpRefusal } from './http-exchange.js';
import type { HttpGuardingManager, HttpGuardOptions } from './http-guard-options.js';
import { HttpGuard } from './http-guard.js';

/** A request as Node gives it to a framework, with the framework's own object for it. */
export interface NodeExchange<Request extends object> {
  readonly request: Request;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Runs the hooks before a request is handled, changes its headers as plugins want it, and has its answer wait for the hook
 * behind it. Never rejects.
 *
 * @returns what is answered instead, `gone` where nobody is there any more to be answered, or undefined where it passes
 */
export async function admitRequest<Request extends object>(
  { request, incoming, response }: NodeExchange<Request>,
  manager: HttpGuardingManager,
  options: HttpGuardOptions<Request>,
): Promise<HttpRefusal | 'gone' | undefined> {
  const { method = '', socket } = incoming;
  const url =
    'originalUrl' in incoming && typeof incoming.originalUrl === 'string' ? incoming.originalUrl : incoming.url;
  const facts = {
    method,
    url: url ?? '',
    headers: joined(incoming),
    clientHost: socket.remoteAddress,
    clientPort: socket.remotePort,
  };
  const guard = new HttpGuard(request, facts, manager, options);
  const verdict = await guard.before();
  // Something in front of the guard may have answered while plugins looked, a time-out say.
  if (isHttpRefusal(verdict)) return response.headersSent ? 'gone' : verdict;
  if (response.destroyed || response.closed) {
    await guard.after(undefined);
    return 'gone';
  }
  for (const [name, value] of Object.entries(verdict.headers)) incoming.headers[name] = value;
  holdAnswer(
    response,
    (head) => guard.after(head),
    (error) => guard.unsendable(error),
  );
  return undefined;
}

/** Of HTTP/2 too: what begins with a colon is no header, but the method and the target, of which the query is not shown. */
function joined({ headers }: IncomingMessage): Record<string, string> {
  const { [authority]: host, ...others } = headers;
  const given = Object.entries({ ...(host !== undefined && { host }), ...others });
  return Object.fromEntries(
    given
      .filter(([name, value]) => value !== undefined && !name.startsWith(':'))
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : `${value}`]),
  );
}

const authority = ':authority';
