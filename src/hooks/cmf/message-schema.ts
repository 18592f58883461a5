import { z } from 'zod';
import { lazySchema } from '../../config/lazy-schema.js';
import { anyRecord } from '../record-schemas.js';
import type { ContentOf, ContentPart, Message } from './message.js';

const resourceType = () => z.enum(['file', 'blob', 'uri', 'database', 'api', 'memory', 'artifact']);
const noRecord = (): Record<string, unknown> => ({});

const toolCall = () =>
  z.object({
    toolCallId: z.string(),
    name: z.string(),
    arguments: anyRecord.default(noRecord),
    namespace: z.string().optional(),
  });

const toolResult = () =>
  z.object({
    toolCallId: z.string(),
    toolName: z.string(),
    content: z.unknown().optional(),
    isError: z.boolean().default(false),
  });

const resource = () =>
  z
    .object({
      resourceRequestId: z.string(),
      uri: z.string(),
      resourceType: resourceType(),
      name: z.string().optional(),
      description: z.string().optional(),
      content: z.string().optional(),
      blob: z.string().optional(),
      mimeType: z.string().optional(),
      sizeBytes: z.int().optional(),
      annotations: anyRecord.default(noRecord),
      version: z.string().optional(),
    })
    .refine(({ content, blob }) => content === undefined || blob === undefined, {
      error: 'Invalid input: expected `content` or `blob`, received both',
      params: { expected: '`content` or `blob`, not both' },
    });

const resourceReference = () =>
  z
    .object({
      resourceRequestId: z.string(),
      uri: z.string(),
      resourceType: resourceType(),
      name: z.string().optional(),
      rangeStart: z.int().optional(),
      rangeEnd: z.int().optional(),
      selector: z.string().optional(),
    })
    .refine(
      ({ rangeStart, rangeEnd }) => rangeStart === undefined || rangeEnd === undefined || rangeEnd >= rangeStart,
      {
        error: 'Invalid input: expected a range that does not end before it begins',
        params: { expected: 'a range that does not end before it begins' },
      },
    );

const promptRequest = () =>
  z.object({
    promptRequestId: z.string(),
    name: z.string(),
    arguments: anyRecord.default(noRecord),
    serverId: z.string().optional(),
  });

const promptResult = () =>
  z.object({
    promptRequestId: z.string(),
    promptName: z.string(),
    messages: z.array(z.lazy((): z.ZodType<Message> => messageSchema())).default(() => []),
    content: z.string().optional(),
    isError: z.boolean().default(false),
    errorMessage: z.string().optional(),
  });

const source = () => ({ type: z.enum(['url', 'base64']), data: z.string(), mediaType: z.string().optional() });
const duration = () => ({ durationMs: z.int().optional() });

const contents: { readonly [Type in keyof ContentOf]: () => z.ZodType<ContentOf[Type]> } = {
  tool_call: toolCall,
  tool_result: toolResult,
  resource,
  resource_ref: resourceReference,
  prompt_request: promptRequest,
  prompt_result: promptResult,
  image: () => z.object(source()),
  video: () => z.object({ ...source(), ...duration() }),
  audio: () => z.object({ ...source(), ...duration() }),
  document: () => z.object({ ...source(), title: z.string().optional() }),
};

function part<const Type extends keyof ContentOf>(contentType: Type) {
  return z.object({ contentType: z.literal(contentType), content: contents[contentType]() });
}

const contentPart = (): z.ZodType<ContentPart> =>
  z.discriminatedUnion(
    'contentType',
    [
      z.object({ contentType: z.literal('text'), text: z.string() }),
      z.object({ contentType: z.literal('thinking'), text: z.string() }),
      part('tool_call'),
      part('tool_result'),
      part('resource'),
      part('resource_ref'),
      part('prompt_request'),
      part('prompt_result'),
      part('image'),
      part('video'),
      part('audio'),
      part('document'),
    ],
    {
      error: ({ code }) =>
        code === 'invalid_union'
          ? `Invalid option: expected one of text, thinking, ${Object.keys(contents).join(', ')}`
          : undefined,
    },
  );

/** A message; what it does not name is refused where payloads are read. */
export const messageSchema = lazySchema(
  (): z.ZodType<Message> =>
    z.object({
      schemaVersion: z.literal('2.0').default('2.0'),
      role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
      content: z.array(contentPart()).default(() => []),
      channel: z.enum(['analysis', 'commentary', 'final']).optional(),
    }),
);
