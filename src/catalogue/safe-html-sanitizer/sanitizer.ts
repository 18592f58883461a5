import type SanitizeHtml from 'sanitize-html';
import { lazyPackage } from '../../lazy-package.js';
import { ElementDepth } from '../html/element-depth.js';
import type { SanitizerSettings } from './settings.js';

const sanitizeHtml = lazyPackage<typeof SanitizeHtml>('sanitize-html', (require) => require('sanitize-html'))();

const invisible = /[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g;
const targets: readonly (string | undefined)[] = ['_blank', '_self', '_parent', '_top'];

/** Attributes that name an address, wherever they are allowed. */
const addresses = (
  'href src cite action formaction background poster data longdesc usemap ping ' +
  'xlink:href manifest codebase classid profile icon dynsrc lowsrc archive'
).split(' ');

/** What makes HTML safe, and text of it where only that is wanted. It throws NestingError. */
export function sanitizerOf(settings: SanitizerSettings): (html: string) => string {
  const options = optionsOf(settings);
  const clean = (text: string): string => (settings.remove_bidi_controls ? text.replaceAll(invisible, '') : text);
  return (html) => {
    // Without a tag there is nothing that could run, and nothing that has to be written anew.
    if (!html.includes('<')) return clean(html);
    const made = sanitized(html, options);
    const cleaned = clean(made);
    // What cannot be seen has kept the letters of an address apart: `java\u200bscript:` names no scheme, and is one without.
    const safe = cleaned === made ? made : sanitized(cleaned, options);
    return settings.to_text ? textOf(safe) : safe;
  };
}

function sanitized(html: string, options: SanitizeHtml.IOptions): string {
  const depth = new ElementDepth();
  return sanitizeHtml(html, { ...options, onOpenTag: () => depth.open(), onCloseTag: () => depth.close() });
}

function optionsOf(settings: SanitizerSettings): SanitizeHtml.IOptions {
  const isDropped = (name: string): boolean =>
    (settings.strip_event_handlers && /^on/i.test(name)) || (settings.sanitize_css && name === 'style');
  const allowedAttributes = Object.fromEntries(
    Object.entries(settings.allowed_attrs).map(([tag, names]) => [tag, names.filter((name) => !isDropped(name))]),
  );
  const schemes = ['http', 'https', 'ftp', 'mailto', 'tel'];
  return {
    allowedTags: settings.allowed_tags,
    allowedAttributes,
    disallowedTagsMode: settings.drop_unknown_tags ? 'discard' : 'escape',
    allowedSchemes: schemes,
    allowedSchemesByTag: settings.allow_data_images ? { img: [...schemes, 'data'] } : {},
    allowedSchemesAppliedToAttributes: addresses,
    nonTextTags: ['script', 'style', 'iframe', 'object', 'textarea', 'option', 'noscript', 'xmp', 'template', 'title'],
    parseStyleAttributes: false,
    transformTags: {
      a: (tagName, attribs) => ({ tagName, attribs: linkAttributes(attribs) }),
      img: (tagName, attribs) => ({ tagName, attribs: imageAttributes(attribs) }),
    },
  };
}

function linkAttributes({ rel = '', ...others }: SanitizeHtml.Attributes): SanitizeHtml.Attributes {
  const { target } = others;
  if (target !== undefined && !targets.includes(target)) others['target'] = '_blank';
  const relations = new Set(rel.split(/\s+/).filter((relation) => relation !== ''));
  // A page that is opened must not be able to navigate the one it was opened from.
  if (others['target'] === '_blank') relations.add('noopener').add('noreferrer');
  return relations.size === 0 ? others : { ...others, rel: [...relations].sort().join(' ') };
}

function imageAttributes({ src, ...others }: SanitizeHtml.Attributes): SanitizeHtml.Attributes {
  if (src === undefined) return others;
  // oxlint-disable-next-line no-control-regex -- what browsers leave out of an address
  const read = src.replaceAll(/[\u0000-\u0020]/g, '').toLowerCase();
  return read.startsWith('data:') && !read.startsWith('data:image/') ? others : { ...others, src };
}

/** Text of HTML that is safe: each tag of it has an end. */
function textOf(safe: string): string {
  return safe
    .replaceAll(/<\/(?:p|div|h[1-6]|li|tr|table|blockquote)>/g, '\n')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}
