import { z } from 'zod';
import { definePlugin } from '../../plugins/define-plugin.js';
import { NestingError } from '../html/element-depth.js';
import { mapResourceParts, mediaTypeOf, type ResourcePart } from '../values/resource-contents.js';
import { toMarkdown } from './markdown.js';

/** Makes Markdown of resources that are HTML. */
export const htmlToMarkdown = definePlugin({
  config: z.strictObject({}),
  changesPayloads: () => true,
  hooks: {
    resource_post_fetch(payload) {
      try {
        const content = mapResourceParts(payload.content, convertedPart, (other) => other);
        return content === payload.content ? undefined : { modifiedPayload: { ...payload, content } };
      } catch (error) {
        if (!(error instanceof NestingError)) throw error;
        return {
          continueProcessing: false,
          violation: {
            reason: 'HTML cannot be converted',
            description: `The HTML of the resource cannot be converted: ${error.message}`,
            code: 'HTML_TO_MARKDOWN_INPUT_TOO_LARGE',
            details: { uri: payload.uri },
          },
        };
      }
    },
  },
});

function convertedPart(part: ResourcePart): ResourcePart {
  const { text } = part;
  if (typeof text !== 'string' || !isHtml(text, mediaTypeOf(part))) return part;
  const type = Object.hasOwn(part, 'mime_type') ? 'mime_type' : 'mimeType';
  return { ...part, [type]: 'text/markdown', text: toMarkdown(text), ...('blob' in part && { blob: null }) };
}

function isHtml(text: string, type: string | undefined): boolean {
  if (type?.includes('html') === true) return true;
  const start = text.search(/<\/?[a-z]/i);
  // Whether it ends is asked once, and not from each beginning.
  return start !== -1 && text.includes('>', start);
}
