import { describe, expect, it } from 'vitest';
import type { McpNotification } from '../../src/transports/mcp/mcp-messages.js';
import type { ServerQuestion } from '../../src/transports/transport.js';
import {
  RecordingListener,
  refusing,
  reported,
  reportOf,
  talkOverHttp,
  talkTo,
  work,
} from '../fixtures/transports/talking-links.js';
import { httpTransport, never } from '../fixtures/transports/transports.js';
import { eventually, rejection } from '../fixtures/waiting.js';

const pending = () => new Promise<never>(() => {});

describe.each(['stdio', 'http', 'sse'] as const)('a link over %s', (kind) => {
  it('tells who the server is', async () => {
    const link = await talkTo(kind);
    expect(link.era).toBe('legacy');
    expect(link.peer).toEqual({
      protocolVersion: '2025-06-18',
      capabilities: { tools: { listChanged: true }, logging: {} },
      info: { name: 'talking', version: '1.2.3' },
      instructions: 'Ask away.',
    });
  });

  it('says who we are and what we can do', async () => {
    const identity = { clientInfo: { name: 'me', version: '9' }, clientCapabilities: { roots: {}, elicitation: {} } };
    const { initialize } = await reportOf(await talkTo(kind, identity));
    expect(initialize).toMatchObject({ clientInfo: identity.clientInfo, capabilities: identity.clientCapabilities });
    expect((await reportOf(await talkTo(kind))).initialize).toMatchObject({
      clientInfo: { name: 'gatechart' },
      capabilities: {},
    });
  });

  it('tells a listener of its progress, in order, before the answer, under its own token', async () => {
    const link = await talkTo(kind);
    const on = new RecordingListener({});
    const answer = work(link, ['progress', 'progress'], { on, token: 'mine' });
    const atAnswer = answer.then(() => on.heard.map(({ params }) => params));
    expect(await atAnswer).toEqual([
      { progressToken: 'mine', progress: 0, message: 'x' },
      { progressToken: 'mine', progress: 1, message: 'x' },
    ]);
  });

  it('keeps two requests with the same token apart', async () => {
    const link = await talkTo(kind);
    const [a, b] = [new RecordingListener({}), new RecordingListener({})];
    await Promise.all([
      work(link, ['progress', 'progress', 'progress'], { on: a, token: 1, label: 'a' }),
      work(link, ['progress', 'progress', 'progress'], { on: b, token: 1, label: 'b' }),
      work(link, ['progress'], { token: 1, label: 'c' }),
    ]);
    expect(a.heard.map(({ params }) => params?.['message'])).toEqual(['a', 'a', 'a']);
    expect(b.heard.map(({ params }) => params?.['message'])).toEqual(['b', 'b', 'b']);
    const { tokens } = await reportOf(link);
    expect(new Set(tokens).size).toBe(3);
  });

  it('drops progress that names nobody, or a request that has ended or asked for none', async () => {
    const link = await talkTo(kind);
    const on = new RecordingListener({});
    const unasked: McpNotification[] = [];
    link.onNotification((notification) => unasked.push(notification));
    await work(link, ['pause'], { on, token: 'early' });
    const progress = (progressToken: unknown) => ({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken, progress: 1 },
    });
    await work(link, [progress(1), progress(2), progress('nobody'), progress(null), progress({})], { on });
    expect(on.heard).toEqual([]);
    expect(unasked).toEqual([]);
  });

  it('tells a listener what is logged, and everybody that a list has changed', async () => {
    const link = await talkTo(kind);
    const on = new RecordingListener({});
    const unasked: McpNotification[] = [];
    link.onNotification((notification) => unasked.push(notification));
    await work(link, ['log', 'changed'], { on });
    expect(on.heard).toEqual([{ method: 'notifications/message', params: { level: 'info', data: 'x' } }]);
    expect(unasked).toEqual([{ method: 'notifications/tools/list_changed' }]);
    await work(link, ['log']);
    expect(unasked).toHaveLength(2);
  });

  it('asks the listener, and answers with its result or its refusal', async () => {
    const link = await talkTo(kind);
    const on = new RecordingListener({});
    expect(await work(link, ['ask', 'ask'], { on })).toEqual({
      label: 'x',
      answers: [{ action: 'accept' }, { action: 'accept' }],
    });
    expect(on.asked[0]).toEqual({ method: 'elicitation/create', params: { message: 'x' } });
    const refused = await work(link, ['ask'], { on: new RecordingListener(on.owner, refusing) });
    expect(refused['answers']).toEqual([{ code: -32_042, message: 'not now', data: { why: 'busy' } }]);
    const crashing = new RecordingListener(on.owner, () => Promise.reject(new Error('secret at /home')));
    expect(await work(link, ['ask'], { on: crashing })).toMatchObject({
      answers: [{ code: -32_603, message: 'the question could not be answered' }],
    });
  });

  it('refuses what is asked where there is no listener, unless somebody answers for the link', async () => {
    const link = await talkTo(kind);
    expect(await work(link, ['ask'])).toMatchObject({ answers: [{ code: -32_601 }] });
    const asked: unknown[] = [];
    link.answerWith(async (question: ServerQuestion, _signal, owner) => {
      asked.push(question, owner);
      return { action: 'decline' };
    });
    expect(await work(link, ['ask'])).toMatchObject({ answers: [{ action: 'decline' }] });
    expect(asked).toEqual([{ method: 'elicitation/create', params: { message: 'x' } }, undefined]);
    const on = new RecordingListener({});
    await work(link, ['pause'], { on });
    await work(link, ['ask']);
    expect(asked.at(-1)).toBe(on.owner);
  });

  it('refuses a question whose request is given up, and tells whoever was asked', async () => {
    const link = await talkTo(kind);
    const on = new RecordingListener({}, pending);
    const controller = new AbortController();
    const answer = work(link, ['ask'], { on, signal: controller.signal });
    await eventually('the question', () => on.signals.length === 1);
    controller.abort(new Error('enough'));
    expect(await rejection(answer)).toMatchObject({ message: 'enough' });
    expect(on.signals[0]?.aborted).toBe(true);
    await reported(link, ({ asked }) => Object.values(asked).join() === '1');
  });

  it('tells whoever is asked that the server takes its question back, and that the link ends', async () => {
    const link = await talkTo(kind);
    const on = new RecordingListener({}, pending);
    const own = { jsonrpc: '2.0', id: 'own', method: 'sampling/createMessage', params: {} };
    const back = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'own' } };
    await work(link, [own, back], { on });
    expect(on.signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect((await reportOf(link)).asked).toEqual({});
    const answer = work(link, ['ask'], { on });
    await eventually('the question', () => on.signals.length === 2);
    const lost = rejection(answer);
    await link.close();
    expect(on.signals[1]?.aborted).toBe(true);
    expect(await lost).toMatchObject({ outcome: 'cutOff' });
  });

  it('refuses odd questions and goes on', async () => {
    const link = await talkTo(kind);
    const on = new RecordingListener({});
    const odd = [{ id: null }, { id: 1.5 }, { id: 'm', method: 7 }, { id: 'p', params: [1] }, { id: true }];
    await work(
      link,
      odd.map((message) => ({ jsonrpc: '2.0', method: 'roots/list', ...message })),
      { on },
    );
    await work(link, [{ jsonrpc: '2.0', id: 'ping', method: 'ping' }, 'pause', 'pause'], { on });
    expect(on.asked).toEqual([]);
    const { asked } = await reported(link, ({ asked }) => Object.keys(asked).length === 6);
    expect(asked).toEqual({ null: 1, '1.5': 1, m: 1, p: 1, true: 1, ping: 1 });
  });

  it('refuses a question beyond a hundred that wait, and one whose id is taken', async () => {
    const link = await talkTo(kind);
    const on = new RecordingListener({}, pending);
    const questions = Array.from({ length: 101 }, (_, n) => ({ jsonrpc: '2.0', id: n, method: 'roots/list' }));
    const answer = work(link, [{ ...questions[0] }, ...questions, 'ask'], { on });
    expect(await answer).toMatchObject({
      answers: [{ message: '100 questions wait for their answers, and no more may' }],
    });
    expect(on.asked).toHaveLength(100);
    const { asked } = await reported(link, ({ asked }) => asked['99'] === 1 && asked['0'] === 2);
    expect(asked).toMatchObject({ '1': 1, '100': 1 });
  });

  it('tells the server what it is given to tell', async () => {
    const link = await talkTo(kind);
    link.notify({ method: 'notifications/roots/list_changed' });
    const { heard } = await reported(link, ({ heard }) => heard.length === 2);
    expect(heard.map(({ method }) => method)).toEqual([
      'notifications/initialized',
      'notifications/roots/list_changed',
    ]);
    await link.close();
    expect(() => link.notify({ method: 'notifications/roots/list_changed' })).not.toThrow();
  });
});

describe.each(['stdio', 'sse'] as const)('a link over %s, where a question names no request', (kind) => {
  it('asks nobody while requests of two owners are open', async () => {
    const link = await talkTo(kind);
    const [a, b] = [new RecordingListener({}), new RecordingListener({})];
    const slow = work(
      link,
      Array.from({ length: 30 }, () => 'pause' as const),
      { on: b },
    );
    expect(await work(link, ['ask'], { on: a })).toMatchObject({ answers: [{ code: -32_601 }] });
    await slow;
    expect(await work(link, ['ask'], { on: a })).toMatchObject({ answers: [{ action: 'accept' }] });
    expect(b.asked).toEqual([]);
  });

  it('asks nobody after another owner gave a request up, until its late answer has come', async () => {
    const link = await talkTo(kind);
    const [a, b] = [new RecordingListener({}), new RecordingListener({})];
    const controller = new AbortController();
    const steps = Array.from({ length: 12 }, () => 'pause' as const);
    const given = work(link, ['log', ...steps], { on: b, signal: controller.signal, heedless: true });
    await eventually('the log', () => b.heard.length === 1);
    controller.abort(new Error('enough'));
    await rejection(given);
    expect(await work(link, ['ask'], { on: a })).toMatchObject({ answers: [{ code: -32_601 }] });
    await reported(link, ({ running }) => running === 0);
    expect(await work(link, ['ask'], { on: a })).toMatchObject({ answers: [{ action: 'accept' }] });
  });

  it('asks the newest of several requests of one owner, for as long as one of them is open', async () => {
    const link = await talkTo(kind);
    const owner = {};
    const [older, newer] = [new RecordingListener(owner, pending), new RecordingListener(owner, pending)];
    const slow = work(link, ['pause', 'ask'], { on: older });
    const controller = new AbortController();
    const other = work(
      link,
      Array.from({ length: 40 }, () => 'pause' as const),
      { on: newer, signal: controller.signal },
    );
    await eventually('the question', () => newer.asked.length === 1);
    controller.abort(new Error('enough'));
    await rejection(other);
    expect(newer.signals[0]?.aborted).toBe(false);
    const lost = rejection(slow);
    await link.close();
    await lost;
    expect(newer.signals[0]?.aborted).toBe(true);
  });
});

describe('a link over HTTP, where a question comes on the stream of its request', () => {
  it('asks whoever made it, whosever other requests are open', async () => {
    const { link } = await talkOverHttp();
    const [a, b] = [new RecordingListener({}), new RecordingListener({})];
    const answers = await Promise.all([
      work(link, ['pause', 'ask', 'log'], { on: a, label: 'a' }),
      work(link, ['ask', 'pause', 'ask'], { on: b, label: 'b' }),
    ]);
    expect(answers.map(({ label }) => label)).toEqual(['a', 'b']);
    expect(a.asked).toEqual([{ method: 'elicitation/create', params: { message: 'a' } }]);
    expect(b.asked).toHaveLength(2);
    expect(b.heard).toEqual([]);
  });

  it('takes what comes on the standing stream for that of no request', async () => {
    const { link, server } = await talkOverHttp();
    await eventually('the stream', () => link.streamStatus?.()?.state === 'streaming.quiet');
    const on = new RecordingListener({}, pending);
    const unasked: McpNotification[] = [];
    link.onNotification((notification) => unasked.push(notification));
    const open = work(link, ['ask'], { on });
    await eventually('the question', () => on.asked.length === 1);
    const log = { method: 'notifications/message', params: { level: 'info', data: 'all' } };
    server.say({ jsonrpc: '2.0', ...log });
    expect(await server.ask('roots/list', {})).toMatchObject({ code: -32_601 });
    expect(unasked).toEqual([log]);
    expect(on.asked).toHaveLength(1);
    const lost = rejection(open);
    await link.close();
    await lost;
  });

  it('answers although every connection is held by a call that waits for an answer', async () => {
    const { server } = await talkOverHttp();
    const link = await httpTransport(server.url, { http: { maxConnections: 1, maxKeepaliveConnections: 1 } }).open(
      never,
    );
    expect(await work(link, ['ask'], { on: new RecordingListener({}) })).toMatchObject({
      answers: [{ action: 'accept' }],
    });
    await link.close();
  });
});
