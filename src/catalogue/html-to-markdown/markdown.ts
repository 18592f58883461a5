import type Turndown from 'turndown';
import { messageOf } from '../../errors.js';
import { lazyPackage } from '../../lazy-package.js';
import { nestingProblem } from '../html/html-nesting.js';

/** Why a text cannot be converted. */
export class ConversionError extends Error {}

/** What programs run or show on their own, never the text of a page. */
const removed = ['script', 'style', 'noscript', 'template', 'iframe', 'object'] as const;

const TurndownService = lazyPackage<typeof Turndown>('turndown', (require) => require('turndown'))();
const service = new TurndownService({
  headingStyle: 'atx',
  codeBlockStyle: 'fenced',
  bulletListMarker: '-',
  emDelimiter: '*',
  hr: '---',
});
service.remove((node) => removed.some((name) => name === node.nodeName.toLowerCase()));
service.addRule('preformatted', {
  filter: 'pre',
  replacement: (_, node) => `\n\n\`\`\`\n${(node.textContent ?? '').replace(/\n$/, '')}\n\`\`\`\n\n`,
});
service.addRule('links that run code', {
  filter: (node) => node.nodeName === 'A' && runsCode(node.getAttribute('href')),
  replacement: (content) => content,
});
service.addRule('pictures that run code', {
  filter: (node) => node.nodeName === 'IMG' && runsCode(node.getAttribute('src')),
  replacement: (_, node) => ('alt' in node && typeof node.alt === 'string' ? node.alt : ''),
});

function runsCode(address: string | null): boolean {
  // oxlint-disable-next-line no-control-regex -- what browsers leave out of an address
  return /^(?:javascript|vbscript|data):/i.test((address ?? '').replaceAll(/[\u0000-\u0020]/g, ''));
}

/**
 * HTML as Markdown.
 *
 * @throws ConversionError
 */
export function toMarkdown(html: string): string {
  const problem = nestingProblem(html);
  if (problem !== undefined) throw new ConversionError(problem);
  try {
    return service.turndown(html);
  } catch (error) {
    throw new ConversionError(messageOf(error));
  }
}
