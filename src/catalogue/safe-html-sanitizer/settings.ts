import { z } from 'zod';

const tags =
  'a p div span strong em code pre ul ol li h1 h2 h3 h4 h5 h6 blockquote img br hr table thead tbody tr th td';

/** What runs or loads by itself, or is read by browsers in another way than by the sanitizer. */
const never = new Set(
  (
    'script style iframe object embed meta link base svg math template noscript noembed noframes xmp plaintext ' +
    'frame frameset applet portal'
  ).split(' '),
);

const tag = z
  .string()
  .transform((name) => name.toLowerCase())
  .refine((name) => !never.has(name), { error: 'it is an element that is never safe' });

const attributes = {
  '*': ['id', 'class', 'title', 'alt'],
  a: ['href', 'rel', 'target'],
  img: ['src', 'width', 'height', 'alt', 'title'],
  table: ['border', 'cellpadding', 'cellspacing', 'summary'],
  th: ['colspan', 'rowspan'],
  td: ['colspan', 'rowspan'],
};

const lowerCase = z.string().transform((name) => name.toLowerCase());
const attribute = lowerCase
  .refine((name) => name !== 'srcdoc', { error: 'it is a document of its own' })
  // To the library a star stands for any letters: those of `onclick`, too.
  .refine((name) => !name.includes('*') || /^(?:data|aria)-/.test(name), {
    error: 'a star may stand behind data- and aria- only',
  });

export const settingsSchema = z.strictObject({
  allowed_tags: z.array(tag).default(tags.split(' ')),
  allowed_attrs: z.record(lowerCase, z.array(attribute)).default(attributes),
  remove_comments: z.literal(true, { error: 'true: comments are always removed' }).default(true),
  drop_unknown_tags: z.boolean().default(true),
  strip_event_handlers: z.boolean().default(true),
  sanitize_css: z.boolean().default(true),
  allow_data_images: z.boolean().default(false),
  remove_bidi_controls: z.boolean().default(true),
  to_text: z.boolean().default(false),
});

export type SanitizerSettings = z.output<typeof settingsSchema>;
