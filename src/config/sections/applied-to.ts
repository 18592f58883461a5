import { z } from 'zod';
import { anyMap, flag, mapOf, text, texts } from './field-schemas.js';

const template = { context: texts, extensions: anyMap.nullish(), fields: texts, result: flag.optional() };
const listOf = <Item extends z.ZodType>(item: Item) => z.array(item, { error: 'a list of maps' }).nullish();

/** The `applied_to` of an entry, which is for the plugin to read. */
export const appliedTo = mapOf({
  tools: listOf(mapOf({ tool_name: text, ...template })),
  prompts: listOf(mapOf({ prompt_name: text, ...template })),
  resources: listOf(mapOf({ resource_uri: text, ...template })),
  global_context: texts,
  local_context: texts,
});
