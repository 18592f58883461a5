import { z } from 'zod';
import { lazySchema } from '../../config/lazy-schema.js';
import { builtInHook } from '../built-in-hook.js';
import type { HookDefinition, Subject } from '../hook.js';
import type { ContentPart, MessagePayload, MessagePlace } from './message.js';
import { messageSchema } from './message-schema.js';

const place = lazySchema(() =>
  z.enum([
    'evaluate',
    'llm_input',
    'llm_output',
    'tool_pre_invoke',
    'tool_post_invoke',
    'prompt_pre_fetch',
    'prompt_post_fetch',
    'resource_pre_fetch',
    'resource_post_fetch',
  ] satisfies readonly MessagePlace[]),
);

function messageHook<const Name extends string>(
  name: Name,
  at: MessagePlace,
): HookDefinition<Name, MessagePayload, MessagePayload> {
  return builtInHook({
    name,
    payload: () => z.object({ message: messageSchema(), hook: place().default(at) }),
    nested: true,
    subjects: ({ message }) => subjectsOf(message.content),
  });
}

/** The hooks on messages of the Common Message Format; one for each place, and one for no place in particular. */
export const messageHooks = [
  messageHook('evaluate', 'evaluate'),
  messageHook('cmf.tool_pre_invoke', 'tool_pre_invoke'),
  messageHook('cmf.tool_post_invoke', 'tool_post_invoke'),
  messageHook('cmf.llm_input', 'llm_input'),
  messageHook('cmf.llm_output', 'llm_output'),
  messageHook('cmf.resource_pre_fetch', 'resource_pre_fetch'),
  messageHook('cmf.resource_post_fetch', 'resource_post_fetch'),
  messageHook('cmf.prompt_pre_fetch', 'prompt_pre_fetch'),
  messageHook('cmf.prompt_post_fetch', 'prompt_post_fetch'),
] as const;

/** None if some part is about nothing in particular: who guards only some tools must see the text beside a call too. */
function subjectsOf(parts: readonly ContentPart[]): readonly Subject[] {
  const subjects: Subject[] = [];
  for (const part of parts) {
    const subject = subjectOf(part);
    if (subject === undefined) return [];
    subjects.push(subject);
  }
  return subjects;
}

/** What the hook of that name without `cmf.` would be about. */
function subjectOf(part: ContentPart): Subject | undefined {
  switch (part.contentType) {
    case 'tool_call':
      return { list: 'tools', name: part.content.name };
    case 'tool_result':
      return { list: 'tools', name: part.content.toolName };
    case 'prompt_request':
      return { list: 'prompts', name: part.content.name };
    case 'prompt_result':
      return { list: 'prompts', name: part.content.promptName };
    case 'resource':
    case 'resource_ref':
      return { list: 'resources', name: part.content.uri };
    default:
      return undefined;
  }
}
