import { describe, expect, it } from 'vitest';
import { onCall, open, serve, stream } from '../fixtures/transports/http-links.js';
import { type Options } from '../fixtures/servers/http-plugin-server.mjs';
import { startRawServer } from '../fixtures/servers/raw-server.mjs';
import { call, httpTransport, never, badInitializeAnswers } from '../fixtures/transports/transports.js';
import { cleanups } from '../fixtures/cleanups.js';
import { eventually, rejection } from '../fixtures/waiting.js';

describe('failure 18: a peer that speaks garbage', () => {
  const html = '<!DOCTYPE html>\n<html><head><title>Login</title></head></html>';

  it('names status, content type and first characters of a page instead of an answer', async () => {
    const server = await serve({
      intercept: (_seen, response) =>
        Boolean(response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html)),
    });
    expect(await rejection(httpTransport(server.url).open(never))).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: `guard: ${server.url} answered 200 OK with text/html: <!DOCTYPE html> <html><head><title>Login</title></head></html>; expected the JSON-RPC answer.`,
    });
  });

  it.each(badInitializeAnswers)('fails the opening on an answer to initialize that is %j', async (answer) => {
    const server = await serve({
      intercept: (_seen, response) =>
        Boolean(response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))),
    });
    expect(await rejection(httpTransport(server.url).open(never))).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: `guard: ${server.url} answered initialize with what is neither a JSON-RPC result nor a JSON-RPC error.`,
    });
  });

  it('names status and first characters of a refusal', async () => {
    const server = await serve({
      intercept: (_seen, response) => Boolean(response.writeHead(402, { 'content-type': 'text/html' }).end(html)),
    });
    expect(await rejection(httpTransport(server.url).open(never))).toMatchObject({
      code: 'CALL_REFUSED',
      message: `guard: ${server.url} answered 402 Payment Required with text/html: <!DOCTYPE html> <html><head><title>Login</title></head></html>.`,
    });
  });

  it.each([
    ['broken JSON', 'application/json', '{"jsonrpc":"2.0","id":'],
    ['JSON that is no JSON-RPC', 'application/json', '{"ok":true}'],
    ['the answer to another request', 'application/json', '{"jsonrpc":"2.0","id":999,"result":{}}'],
    ['a page', 'text/html', html],
  ])('fails one call alone on %s', async (_what, type, body) => {
    let odd = true;
    const server = await serve(
      onCall((_seen, response) => odd && Boolean(response.writeHead(200, { 'content-type': type }).end(body))),
    );
    const link = await open(server.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining(`answered 200 OK with ${type}: ${body.slice(0, 15)}`),
      cause: { code: 'PROTOCOL_ERROR' },
    });
    odd = false;
    expect(await call(link, 'echo')).toEqual({ content: [{ type: 'text', text: '{}' }] });
    expect(server.seen.filter(({ message }) => message?.method === 'initialize')).toHaveLength(1);
  });

  it.each([
    ['as JSON', 'application/json', '', 'x'],
    ['on an event stream', 'text/event-stream', 'data: ', 'x'],
    ['on an event stream with comments', 'text/event-stream', '', 'data: xxxx\n:\n'],
    ['on an event stream with empty lines of data', 'text/event-stream', '', 'data\n'],
    ['as an error page', 'text/html', '', 'x'],
  ])('bounds what it reads of an endless answer (%s)', async (what, type, start, more) => {
    let stopped = 0;
    const server = await serve(
      onCall((_seen, response) => {
        response.writeHead(what === 'as an error page' ? 500 : 200, { 'content-type': type });
        response.write(start);
        const pour = (): void => {
          while (!response.destroyed && response.write(more.repeat(4096)));
          if (!response.destroyed) response.once('drain', pour);
        };
        response.once('close', () => stopped++);
        pour();
        return true;
      }),
    );
    const link = await open(server.url, { maxMessageBytes: 200_000 });
    const error = await rejection(call(link, 'echo'));
    expect(error).toMatchObject(
      what === 'as an error page'
        ? { outcome: 'refused' }
        : {
            outcome: 'refused',
            message: expect.stringContaining('sent an answer of more than 200000 bytes'),
            cause: { code: 'MESSAGE_TOO_LARGE' },
          },
    );
    await eventually('the end of the answer', () => stopped === 1);
  });

  it('ends a link whose server asks more than it takes the answers to', async () => {
    let posts = 0;
    const server = await serve({
      intercept: ({ message }, response) => {
        if (message?.method === 'tools/call') {
          response.writeHead(200, stream);
          for (let id = 0; id < 20_000; id++)
            response.write(`data: {"jsonrpc":"2.0","id":"p${id}","method":"ping"}\n\n`);
          return true;
        }
        // Our answers: never taken.
        if (message !== undefined && message.method === undefined) posts++;
        return message !== undefined && message.method === undefined;
      },
    });
    const link = await open(server.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'cutOff' });
    expect((await link.closed).error).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: `guard: ${server.url} asks more than it takes the answers to: 300 are waiting.`,
    });
    await link.close();
    expect(posts).toBeLessThanOrEqual(300);
  });

  it.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['half an answer', 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4000000000\r\n\r\n{"json'],
    ['headers without end', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`],
  ])('fails the opening on %s', async (_what, answer) => {
    const server = await startRawServer((socket) => socket.once('data', () => socket.end(answer)));
    cleanups.push(() => server.close());
    const error = await rejection(httpTransport(server.url).open(never));
    expect(error).toMatchObject({ code: expect.stringMatching(/PROTOCOL_ERROR|LINK_LOST/) });
    await eventually('the end of all connections', () => server.sockets.size === 0);
  });
});

describe('redirects', () => {
  const redirect = (status: number, location: string | undefined): Options => ({
    intercept: ({ path }, response) => {
      if (path !== '/mcp') return false;
      response.writeHead(status, location === undefined ? {} : { location }).end();
      return true;
    },
  });

  it('are followed within the origin, once for the whole link', async () => {
    const server = await serve(redirect(307, '/mcp/'));
    const link = await open(server.url);
    await call(link, 'echo');
    await call(link, 'echo');
    expect(server.seen.filter(({ path }) => path === '/mcp')).toHaveLength(1);
  });

  it('are not followed to another origin, and nothing is sent there', async () => {
    const other = await serve();
    const server = await serve(redirect(307, other.url));
    expect(await rejection(httpTransport(server.url).open(never))).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: `guard: ${server.url} redirects to ${other.url}, which is another origin; if that is right, configure it as url.`,
    });
    expect(other.connections()).toBe(0);
  });

  it('to a refused address are refused', async () => {
    const server = await serve(redirect(308, 'http://169.254.169.254/latest'));
    expect(await rejection(httpTransport(server.url).open(never))).toMatchObject({
      code: 'ADDRESS_REFUSED',
      message: expect.stringMatching(/^http:\/\/169\.254\.169\.254\/latest is a link-local address; /),
    });
  });

  it.each([
    [
      302,
      '/elsewhere',
      "redirects to URL/elsewhere with status 302, which would drop the request's body; configure that as url",
    ],
    [307, undefined, 'answered 307 without a Location'],
    [307, '/mcp', 'redirects more than 5 times'],
  ])('that make no sense are named: %d to %s', async (status, location, what) => {
    const server = await serve(redirect(status, location));
    const message = what.replace('URL', new URL(server.url).origin);
    expect(await rejection(httpTransport(server.url).open(never))).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: `guard: ${server.url} ${message}.`,
    });
  });
});
