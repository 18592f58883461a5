import { describe, expect, it } from 'vitest';
import { type ContentPart, type Message, type MessageRole, messageViews, type MessageView } from '../../src/index.js';

const messageOf = (role: MessageRole, ...content: ContentPart[]): Message => ({ schemaVersion: '2.0', role, content });
const viewOf = (part: ContentPart, role: MessageRole = 'assistant'): MessageView | undefined =>
  messageViews(messageOf(role, part))[0];

const nothing = { name: undefined, uri: undefined, args: undefined, content: undefined, mimeType: undefined };
const reference = { resourceRequestId: '1', uri: 'file:///r', resourceType: 'file' } as const;

describe('the view of', () => {
  it.each<[string, ContentPart, Partial<MessageView>]>([
    [
      'a tool call',
      { contentType: 'tool_call', content: { toolCallId: '1', name: 'search', arguments: { q: 'näme' } } },
      {
        ...nothing,
        name: 'search',
        uri: 'tool://_/search',
        args: { q: 'näme' },
        content: '{"q":"näme"}',
        action: 'execute',
        isPre: true,
      },
    ],
    [
      'a tool call in a namespace',
      { contentType: 'tool_call', content: { toolCallId: '1', name: 't', arguments: {}, namespace: 'ns' } },
      { ...nothing, name: 't', uri: 'tool://ns/t', args: {}, content: '{}', action: 'execute', isPre: true },
    ],
    [
      'a tool result',
      { contentType: 'tool_result', content: { toolCallId: '1', toolName: 't', content: [1], isError: false } },
      { ...nothing, name: 't', uri: 'tool_result://t', content: '[1]', action: 'receive', isPre: false },
    ],
    [
      'a tool result that is text',
      { contentType: 'tool_result', content: { toolCallId: '1', toolName: 't', content: 'done', isError: false } },
      { ...nothing, name: 't', uri: 'tool_result://t', content: 'done', action: 'receive', isPre: false },
    ],
    [
      'a tool result of nothing',
      { contentType: 'tool_result', content: { toolCallId: '1', toolName: 't', content: null, isError: true } },
      { ...nothing, name: 't', uri: 'tool_result://t', action: 'receive', isPre: false },
    ],
    [
      'a resource',
      {
        contentType: 'resource',
        content: { ...reference, name: 'R', content: 'words', mimeType: 'text/plain', annotations: {} },
      },
      {
        ...nothing,
        name: 'R',
        uri: 'file:///r',
        content: 'words',
        mimeType: 'text/plain',
        action: 'read',
        isPre: false,
      },
    ],
    [
      'a reference to a resource',
      { contentType: 'resource_ref', content: reference },
      { ...nothing, uri: 'file:///r', action: 'read', isPre: true },
    ],
    [
      'a prompt request',
      { contentType: 'prompt_request', content: { promptRequestId: '1', name: 'p', arguments: { a: 1 } } },
      {
        ...nothing,
        name: 'p',
        uri: 'prompt://_/p',
        args: { a: 1 },
        content: '{"a":1}',
        action: 'invoke',
        isPre: true,
      },
    ],
    [
      'a prompt request to a server',
      { contentType: 'prompt_request', content: { promptRequestId: '1', name: 'p', arguments: {}, serverId: 's' } },
      { ...nothing, name: 'p', uri: 'prompt://s/p', args: {}, content: '{}', action: 'invoke', isPre: true },
    ],
    [
      'a prompt result',
      {
        contentType: 'prompt_result',
        content: { promptRequestId: '1', promptName: 'p', messages: [], content: 'text', isError: false },
      },
      { ...nothing, name: 'p', uri: 'prompt_result://p', content: 'text', action: 'receive', isPre: false },
    ],
  ])('%s', (_, part, expected) => {
    expect(viewOf(part)).toEqual({ kind: part.contentType, role: 'assistant', part, ...expected });
  });

  const roles: [MessageRole, MessageView['action'], boolean][] = [
    ['user', 'send', true],
    ['system', 'send', true],
    ['developer', 'send', true],
    ['assistant', 'generate', false],
    ['tool', 'receive', false],
  ];
  it.each(roles)('text and media goes by the role: %s', (role, action, isPre) => {
    const url = { type: 'url', data: 'https://example.org', mediaType: 'a/b' } as const;
    for (const contentType of ['text', 'thinking'] as const) {
      const view = viewOf({ contentType, text: 'words' }, role);
      expect(view).toMatchObject({ ...nothing, kind: contentType, content: 'words', action, isPre });
    }
    for (const contentType of ['image', 'video', 'audio', 'document'] as const) {
      const view = viewOf({ contentType, content: url }, role);
      expect(view).toMatchObject({ ...nothing, kind: contentType, mimeType: 'a/b', action, isPre });
    }
  });
});

it('there is one view for each part, in order, and none for what is inside a prompt result', () => {
  const inner = messageOf('user', { contentType: 'text', text: 'inner' });
  const views = messageViews(
    messageOf(
      'user',
      { contentType: 'text', text: 'one' },
      {
        contentType: 'prompt_result',
        content: { promptRequestId: '1', promptName: 'p', messages: [inner], isError: false },
      },
      { contentType: 'thinking', text: 'two' },
    ),
  );
  expect(views.map(({ kind }) => kind)).toEqual(['text', 'prompt_result', 'thinking']);
  expect(messageViews(messageOf('user'))).toEqual([]);
});
