import { isPlainObject } from '../../json/records.js';

/** Whose results are limited. */
export type LimitedMethod = 'tools/call' | 'prompts/get' | 'resources/read';

type Item = Readonly<Record<string, unknown>>;

/** What results of a method consist of. */
export interface ResultItems {
  /** The field with the list of them. */
  readonly field: 'content' | 'messages' | 'contents';
  /** The text of one that could be shorter. */
  textOf(item: Item): string | undefined;
  withText(item: Item, text: string): Item;
  /** What one is that is left out. */
  kindOf(item: Item): ItemKind;
  /** One that says so. */
  notice(text: string): Item;
}

export type ItemKind = 'text' | 'image' | 'audio' | 'binary' | 'link' | 'other';

const block: Omit<ResultItems, 'field' | 'notice'> = {
  textOf(item) {
    if (item['type'] === 'text') return stringIn(item, 'text');
    const resource = item['type'] === 'resource' ? item['resource'] : undefined;
    return isPlainObject(resource) ? stringIn(resource, 'text') : undefined;
  },
  withText(item, text) {
    if (item['type'] === 'text') return { ...item, text };
    const { resource } = item;
    return isPlainObject(resource) ? { ...item, resource: { ...resource, text } } : item;
  },
  kindOf({ type, resource }) {
    if (type === 'text' || type === 'image' || type === 'audio') return type;
    if (type === 'resource_link') return 'link';
    return type === 'resource' && isPlainObject(resource) ? contentsKind(resource) : 'other';
  },
};

export const resultItems: Readonly<Record<LimitedMethod, ResultItems>> = {
  'tools/call': { field: 'content', ...block, notice: (text) => ({ type: 'text', text }) },
  'prompts/get': {
    field: 'messages',
    textOf: ({ content }) => (isPlainObject(content) ? block.textOf(content) : undefined),
    withText: (item, text) =>
      isPlainObject(item['content']) ? { ...item, content: block.withText(item['content'], text) } : item,
    kindOf: ({ content }) => (isPlainObject(content) ? block.kindOf(content) : 'other'),
    notice: (text) => ({ role: 'user', content: { type: 'text', text } }),
  },
  'resources/read': {
    field: 'contents',
    textOf: (item) => stringIn(item, 'text'),
    withText: (item, text) => ({ ...item, text }),
    kindOf: contentsKind,
    notice: (text) => ({ uri: 'gatechart:notice', mimeType: 'text/plain', text }),
  },
};

function contentsKind(contents: Item): ItemKind {
  if (typeof contents['text'] === 'string') return 'text';
  return typeof contents['blob'] === 'string' ? 'binary' : 'other';
}

function stringIn(item: Item, field: string): string | undefined {
  const value = item[field];
  return typeof value === 'string' ? value : undefined;
}
