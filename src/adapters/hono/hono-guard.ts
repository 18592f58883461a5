import { type HttpFacts, type HttpRefusal, isHttpRefusal } from '../http/http-exchange.js';
import { checkHttpGuard, type HttpGuardingManager, type HttpGuardOptions } from '../http/http-guard-options.js';
import { HttpGuard } from '../http/http-guard.js';

/** What the guard uses of a context of Hono. */
export interface HonoContextLike {
  readonly req: { raw: Request };
  /** Of `@hono/node-server`: what Node says of the connection. */
  readonly env: unknown;
  get res(): Response;
  set res(answer: Response | undefined);
}

/** Middleware of Hono. */
export type HonoMiddleware<Context extends HonoContextLike> = (
  context: Context,
  next: () => Promise<void>,
) => Promise<Response | undefined>;

/**
 * Middleware for Hono. It runs the `http_*` hooks around every request behind it, as `guardExpress` does.
 *
 * @throws GatechartError CONFIG_INVALID
 */
export function guardHono<Context extends HonoContextLike = HonoContextLike>(
  manager: HttpGuardingManager,
  options: HttpGuardOptions<Context> = {},
): HonoMiddleware<Context> {
  checkHttpGuard(manager, options, 'guardHono');
  return async (context, next) => {
    const { req } = context;
    const guard = new HttpGuard(context, factsOf(context), manager, options);
    const verdict = await guard.before();
    if (isHttpRefusal(verdict)) return refusalResponse(verdict);
    if (Object.keys(verdict.headers).length > 0) req.raw = withHeaders(req.raw, verdict.headers);
    try {
      await next();
    } catch (error) {
      // Nobody has made an answer of it.
      await guard.after(undefined);
      throw error;
    }
    const answer = context.res;
    const after = await guard.after({ status: answer.status, headers: Object.fromEntries(answer.headers) });
    if (isHttpRefusal(after)) {
      // Hono would put the headers of the answer before into the new one.
      context.res = undefined;
      context.res = refusalResponse(after);
      await answer.body?.cancel().catch(() => undefined);
    } else if (Object.keys(after.headers).length > 0) {
      const headers = new Headers(answer.headers);
      for (const [name, value] of Object.entries(after.headers)) headers.set(name, value);
      const { status, statusText } = answer;
      context.res = undefined;
      context.res = new Response(answer.body, { status, statusText, headers });
    }
    return undefined;
  };
}

function factsOf({ req: { raw }, env }: HonoContextLike): HttpFacts {
  const { pathname, search } = new URL(raw.url);
  const socket = memberOf(memberOf(env, 'incoming'), 'socket');
  const [host, port] = [memberOf(socket, 'remoteAddress'), memberOf(socket, 'remotePort')];
  return {
    method: raw.method,
    url: `${pathname}${search}`,
    headers: Object.fromEntries(raw.headers),
    clientHost: typeof host === 'string' ? host : undefined,
    clientPort: typeof port === 'number' ? port : undefined,
  };
}

/** Headers of a request that comes in may be locked. */
function withHeaders(request: Request, added: Readonly<Record<string, string>>): Request {
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, value);
  if (!request.bodyUsed) return new Request(request, { headers });
  // What has read the body in front of us has left it to Hono, and no request can be made of this one any more.
  const { url, method, signal } = request;
  return new Request(url, { method, headers, signal });
}

function refusalResponse({ status, headers, body }: HttpRefusal): Response {
  return new Response(body, { status, headers });
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
