import { z } from 'zod';
import { pluginModeNames } from '../plugin-config.js';
import {
  anyMap,
  filledText,
  filledTexts,
  flag,
  integer,
  oneOf,
  optionalText,
  positiveSeconds,
  section,
  text,
  texts,
} from './field-schemas.js';
import {
  grpcSchema,
  grpcServerSchema,
  mcpSchema,
  serverSchema,
  unixSocketSchema,
  unixSocketServerSchema,
} from './transport-schemas.js';

const conditionSchema = section({
  server_ids: texts,
  tenant_ids: texts,
  tools: texts,
  prompts: texts,
  resources: texts,
  agents: texts,
  user_patterns: texts,
  content_types: texts,
});

const template = { context: texts, extensions: anyMap.nullish(), fields: texts, result: flag.optional() };
const listOf = <Item extends z.ZodType>(item: Item) => z.array(item, { error: 'a list of maps' }).nullish();

const appliedToSchema = section({
  tools: listOf(section({ tool_name: text, ...template })),
  prompts: listOf(section({ prompt_name: text, ...template })),
  resources: listOf(section({ resource_uri: text, ...template })),
  global_context: texts,
  local_context: texts,
});

/** What may also come from an external plugin's server. */
export const sharedPluginFields = {
  description: optionalText,
  author: optionalText,
  namespace: optionalText,
  version: optionalText,
  hooks: filledTexts,
  tags: texts,
  mode: oneOf(...pluginModeNames).default('enforce'),
  priority: integer().default(100),
  conditions: z.array(conditionSchema, { error: 'a list of maps' }).nullish(),
  applied_to: appliedToSchema.nullish(),
  config: anyMap.nullish(),
};

/** Written by the other generation of the framework; what they do not do here is told by `foreignSettings`. */
const foreignPluginFields = {
  on_error: oneOf('fail', 'ignore', 'disable').nullish(),
  capabilities: texts,
  max_content_size: integer(0).nullish(),
};

const pluginSchema = section({
  name: filledText,
  kind: filledText,
  ...sharedPluginFields,
  mcp: mcpSchema.nullish(),
  grpc: grpcSchema.nullish(),
  unix_socket: unixSocketSchema.nullish(),
  ...foreignPluginFields,
});

const settingsSchema = section({
  plugin_timeout: positiveSeconds.optional(),
  fail_on_plugin_error: flag.optional(),
  skip_unloadable_plugins: flag.default(false),
  strict: flag.default(false),
  max_payload_size: integer(0).default(1_000_000),
  parallel_execution_within_band: flag.optional(),
  enable_plugin_api: flag.optional(),
  plugin_health_check_interval: z.unknown().optional(),
  include_user_info: flag.optional(),
  execution_pool: z.unknown().optional(),
});

/** A whole configuration file, in its own words. Rules between keys are in `config-rules.ts`. */
export const configSchema = section({
  plugins: z.array(pluginSchema, { error: 'a list of plugins' }).nullish(),
  plugin_dirs: filledTexts,
  plugin_settings: settingsSchema.nullish(),
  server_settings: serverSchema.nullish(),
  grpc_server_settings: grpcServerSchema.nullish(),
  unix_socket_server_settings: unixSocketServerSchema.nullish(),
});

export type WrittenConfig = z.output<typeof configSchema>;
export type WrittenPlugin = z.output<typeof pluginSchema>;
export type WrittenCondition = z.output<typeof conditionSchema>;
