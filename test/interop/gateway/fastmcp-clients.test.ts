import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { isRunning } from '../../fixtures/processes/process-table.js';
import { type ClientRun, runFastMcpClient, type Step } from './fastmcp-client.js';
import { type Face, type HttpGateway, openPythonHouse, type Pythons, type PythonHouse } from './python-house.js';

const older = inject('gatewayPython');
const newer = inject('serversPython');
const pythons: Pythons = { older: older ?? '', newer: newer ?? '' };
const servers = ['older', 'newer', 'older-http', 'newer-http'];

/** What one step shows, and its outcome. */
type Expectation = readonly [what: string, step: Step, outcome: object];

/** An answer to a call, with nothing heard or asked meanwhile. */
function answer(content: unknown, structured: unknown, { isError = false, progress = [] as unknown[] } = {}): object {
  return { result: { content, structured, isError, progress }, asked: [] };
}

const words = { text: 'buy milk', words: 2 };
const said = (text: string): object => ({ type: 'text', text });
const image = { type: 'image', data: expect.stringMatching(/^iVBORw0KGgo/), mimeType: 'image/png' };
const pages = [1, 2, 3].map((page) => [page, 3, `page ${page}`]);

const transparent: readonly Expectation[] = [
  ...servers.flatMap((server): Expectation[] => {
    const call = (tool: string, args: object = {}): Step => ['call', `${server}__${tool}`, args];
    const named = { ...answer([said('accept: Tea')], { result: 'accept: Tea' }), asked: ['Which title?'] };
    return [
      [
        `${server}: structured`,
        call('count_words', { text: 'buy milk' }),
        answer([said(expect.stringContaining('"buy milk"'))], words),
      ],
      [`${server}: image`, call('draw'), answer([image], null)],
      [
        `${server}: error`,
        call('tear', { text: 'it' }),
        answer([said(expect.stringContaining('it is torn'))], null, { isError: true }),
      ],
      [`${server}: progress`, call('copy'), answer([said('copied')], { result: 'copied' }, { progress: pages })],
      [`${server}: elicitation`, call('name'), named],
      [
        `${server}: prompt`,
        ['prompt', `${server}__summarise`, { topic: 'tea' }],
        { result: [{ role: 'user', content: said('Summarise the notes on tea.') }], asked: [] },
      ],
      [
        `${server}: resource`,
        ['read', `${server}://first`],
        { result: [{ uri: `${server}://first`, mimeType: 'text/plain', text: 'buy milk' }], asked: [] },
      ],
    ];
  }),
  [
    'tools',
    ['tools'],
    {
      result: expect.arrayContaining([
        ...servers.map((server) => `${server}__count_words`),
        'git__git_log',
        'time__get_current_time',
      ]),
      asked: [],
    },
  ],
  ['prompts', ['prompts'], { result: expect.toSatisfy((names) => isSame(names, '__summarise', servers)), asked: [] }],
  ['resources', ['resources'], { result: expect.toSatisfy((uris) => isSame(uris, '://first', servers)), asked: [] }],
  ['no such tool', ['call', 'older__none'], { error: expect.stringContaining('older__none'), asked: [] }],
  ['process', ['call', 'older__process'], { result: expect.objectContaining({ isError: false }), asked: [] }],
];

const onDemand: readonly Expectation[] = [
  [
    'tools',
    ['tools'],
    {
      result: ['list_servers', 'get_server_tools', 'execute_tool', 'search_tools', 'get_gateway_status'],
      asked: [],
    },
  ],
  [
    'search',
    ['call', 'search_tools', { query: 'counts the words of a note' }],
    {
      result: expect.objectContaining({ isError: false, structured: expect.objectContaining({ returned: 5 }) }),
      asked: [],
    },
  ],
  ...servers.flatMap((server): Expectation[] => {
    const call = (tool: string, args: object = {}): Step => ['call', 'execute_tool', { server, tool, args }];
    const whole = (content: object[], structuredContent?: object, isError = false): object => ({
      content,
      isError,
      ...(structuredContent !== undefined && { structuredContent }),
    });
    const counted = [said(expect.stringContaining('"buy milk"'))];
    const torn = [said(expect.stringContaining('it is torn'))];
    const copied = [said('copied')];
    const named = [said('accept: Tea')];
    return [
      [`${server}: structured`, call('count_words', { text: 'buy milk' }), answer(counted, whole(counted, words))],
      [`${server}: image`, call('draw'), answer([image], whole([image]))],
      [`${server}: error`, call('tear', { text: 'it' }), answer(torn, whole(torn, undefined, true), { isError: true })],
      [`${server}: progress`, call('copy'), answer(copied, whole(copied, { result: 'copied' }), { progress: pages })],
      [
        `${server}: elicitation`,
        call('name'),
        { ...answer(named, whole(named, { result: 'accept: Tea' })), asked: ['Which title?'] },
      ],
    ];
  }),
  [
    'process',
    ['call', 'execute_tool', { server: 'older', tool: 'process' }],
    { result: expect.objectContaining({ isError: false }), asked: [] },
  ],
];

const faces: Readonly<Record<Face, readonly Expectation[]>> = { transparent, 'on-demand': onDemand };

describe.skipIf(older === null || newer === null)("FastMCP's client and the gateway", () => {
  let house: PythonHouse;
  let gateways: Record<Face, HttpGateway>;
  beforeAll(async () => {
    house = await openPythonHouse(pythons);
    gateways = { transparent: await house.overHttp('transparent'), 'on-demand': await house.overHttp('on-demand') };
  });
  afterAll(() => house[Symbol.asyncDispose]());

  const cases = (['transparent', 'on-demand'] as const).flatMap((face) =>
    (['stdio', 'HTTP'] as const).map((transport) => [face, transport] as const),
  );

  describe.each([
    ['2.14.7', pythons.older, 'legacy'],
    // Asks with server/discover first, and has to make do with the handshake.
    ['4.2.3', pythons.newer, 'auto'],
  ])('%s', (_, python, mode) => {
    it.each(cases)('the %s face over %s', async (face, transport) => {
      const target = transport === 'stdio' ? house.overStdio(face) : gateways[face];
      const expected = faces[face];
      const steps = expected.map(([, step]) => step);
      const { session, answers, failed } = await runFastMcpClient(python, target, steps);
      expect({ failed, session }).toEqual({ failed: undefined, session: { mode, version: '2025-11-25' } });
      expect(Object.fromEntries(expected.map(([what], index) => [what, answers[index]]))).toEqual(
        Object.fromEntries(expected.map(([what, , outcome]) => [what, outcome])),
      );
      expect(isRunning(processIn(answers))).toBe(transport === 'HTTP');
    });

    it('is not let in without the token', async () => {
      const { url } = gateways.transparent;
      const without = await runFastMcpClient(python, { url }, [['tools']]);
      expect(without.failed).toMatch(/401|Unauthorized/);
      const wrong = await runFastMcpClient(python, { url, token: 'another' }, [['tools']]);
      expect(wrong.failed).toMatch(/401|Unauthorized/);
    });
  });
});

/** What the last step told: the process of a server that the gateway has started. */
function processIn(answers: ClientRun['answers']): number {
  const [, pid] = /"text":"(\d+)"/.exec(JSON.stringify(answers.at(-1))) ?? [];
  return Number(pid);
}

/** Whether a list has one name for each server, and no others. */
function isSame(names: readonly string[], ending: string, all: readonly string[]): boolean {
  return (
    names.toSorted().join() ===
    all
      .map((server) => server + ending)
      .toSorted()
      .join()
  );
}
