import { z } from 'zod';
import type { Violation } from '../../hooks/hook-result.js';
import { definePlugin } from '../../plugins/define-plugin.js';
import { mapResourceParts, mediaTypeOf } from '../values/resource-contents.js';
import { splitUri } from '../values/uri-split.js';

const lowerCase = z.array(z.string().transform((text) => text.toLowerCase())).default([]);

/** Lets only resources of some types be fetched, by the extension before and by the media type after. */
export const fileTypeAllowlist = definePlugin({
  config: z.strictObject({ allowed_mime_types: lowerCase, allowed_extensions: lowerCase }),
  hooks: {
    resource_pre_fetch({ uri }, { plugin: { config, entry } }) {
      const { allowed_mime_types: types, allowed_extensions: extensions } = config;
      if (extensions.length === 0) return;
      const extension = extensionOf(uri);
      if (extension !== '') return extensions.includes(extension) ? undefined : refused('extension', extension);
      // What says nothing now has to say its media type then.
      const isLookedAtLater = types.length > 0 && entry.hooks.includes('resource_post_fetch');
      return isLookedAtLater ? undefined : refused('extension', extension);
    },
    resource_post_fetch({ content }, { plugin: { config } }) {
      const { allowed_mime_types: types } = config;
      if (types.length === 0) return;
      let found: string | undefined;
      const look = (type: string | undefined): void => {
        if (type === undefined || !types.includes(type)) found ??= type ?? '';
      };
      mapResourceParts(
        content,
        (part) => {
          look(mediaTypeOf(part));
          return part;
        },
        (other) => {
          look(undefined);
          return other;
        },
        (envelope) => {
          // What has content beside its parts is one itself.
          if ('text' in envelope || 'blob' in envelope) look(mediaTypeOf(envelope));
          return envelope;
        },
      );
      return found === undefined ? undefined : refused('mime_type', found);
    },
  },
});

/** From the last dot of the name on, which is what stands last in the path; empty where it has none. */
function extensionOf(uri: string): string {
  const path = splitUri(uri)?.path ?? '';
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot === -1 ? '' : name.slice(dot).toLowerCase();
}

function refused(what: 'extension' | 'mime_type', found: string): { continueProcessing: false; violation: Violation } {
  const [reason, name] =
    what === 'extension' ? ['Disallowed file extension', 'Extension'] : ['Disallowed MIME type', 'MIME'];
  const description = found === '' ? `${name} is missing` : `${name} ${found} is not allowed`;
  return {
    continueProcessing: false,
    violation: { reason, description, code: 'FILETYPE_BLOCK', details: { [what]: found } },
  };
}
