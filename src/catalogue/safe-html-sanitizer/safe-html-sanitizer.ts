import { definePlugin } from '../../plugins/define-plugin.js';
import { NestingError } from '../html/element-depth.js';
import { mapResourceParts, mediaTypeOf, replaceResourceTexts, type ResourcePart } from '../values/resource-contents.js';
import { ValueTooLargeError } from '../values/text-walk.js';
import { sanitizerOf } from './sanitizer.js';
import { settingsSchema } from './settings.js';

/** Takes out of HTML what runs, loads or hides. */
export const safeHtmlSanitizer = definePlugin({
  config: settingsSchema.transform((settings) => ({ sanitize: sanitizerOf(settings) })),
  changesPayloads: () => true,
  hooks: {
    resource_post_fetch(payload, { plugin: { config } }) {
      try {
        const texts = replaceResourceTexts(payload.content, config.sanitize);
        const content = mapResourceParts(
          texts,
          (part) => withSafeBlob(part, config.sanitize),
          (other) => other,
        );
        if (content === payload.content) return { metadata: { html_sanitized: false } };
        return { modifiedPayload: { ...payload, content }, metadata: { html_sanitized: true } };
      } catch (error) {
        if (!(error instanceof NestingError || error instanceof ValueTooLargeError)) throw error;
        return {
          continueProcessing: false,
          violation: {
            reason: 'HTML cannot be sanitized',
            description: `The HTML of the resource cannot be sanitized: ${error.message}`,
            code: 'SAFE_HTML_INPUT_TOO_LARGE',
            details: { uri: payload.uri },
          },
        };
      }
    },
  },
});

/** A part whose blob is a page is one that somebody may show. */
function withSafeBlob(part: ResourcePart, sanitize: (html: string) => string): ResourcePart {
  const { blob } = part;
  if (typeof blob !== 'string' || !/html|xml/.test(mediaTypeOf(part) ?? '')) return part;
  const html = Buffer.from(blob, 'base64').toString('utf8');
  const safe = sanitize(html);
  return safe === html ? part : { ...part, blob: Buffer.from(safe, 'utf8').toString('base64') };
}
