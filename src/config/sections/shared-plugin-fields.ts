import type { z } from 'zod';
import { appliedTo } from './applied-to.js';
import { capabilityList } from './capabilities.js';
import { type Condition, conditionList } from './conditions.js';
import { anyMap, filledTexts, integer, oneOf, optionalText, texts } from './field-schemas.js';
import { givenFields } from './given-fields.js';
import { type OnError, onErrorNames, type PluginModeName, pluginModeNames } from './plugin-modes.js';

/** What a plugin's entry says, and where it does not, the server of an external plugin may. */
export interface SharedPluginConfig {
  readonly description?: string;
  readonly author?: string;
  readonly namespace?: string;
  readonly version?: string;
  readonly hooks: readonly string[];
  readonly tags: readonly string[];
  readonly mode: PluginModeName;
  /** What comes of its errors; undefined where its mode decides. */
  readonly onError?: OnError;
  /** Lower runs first, within the phase of its mode. */
  readonly priority: number;
  readonly conditions: readonly Condition[];
  readonly appliedTo?: Readonly<Record<string, unknown>>;
  /** Which extensions it may read and write. */
  readonly capabilities: readonly string[];
  /** Bytes that one answer of an external plugin may have; undefined where only the limit of its transport holds. */
  readonly maxContentSize?: number;
  /** What its own schema validates. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export const sharedPluginFields = {
  description: optionalText,
  author: optionalText,
  namespace: optionalText,
  version: optionalText,
  hooks: filledTexts,
  tags: texts,
  mode: oneOf(...pluginModeNames).default('enforce'),
  priority: integer().default(100),
  conditions: conditionList.schema.nullish(),
  applied_to: appliedTo.nullish(),
  config: anyMap.nullish(),
  on_error: oneOf(...onErrorNames).nullish(),
  capabilities: capabilityList,
  max_content_size: integer(1).nullish(),
};

type SharedFields = typeof sharedPluginFields;

/** The key of each of them in an entry. What is not in this table does not compile. */
export const sharedKeys = {
  description: 'description',
  author: 'author',
  namespace: 'namespace',
  version: 'version',
  hooks: 'hooks',
  tags: 'tags',
  mode: 'mode',
  onError: 'on_error',
  priority: 'priority',
  conditions: 'conditions',
  appliedTo: 'applied_to',
  capabilities: 'capabilities',
  maxContentSize: 'max_content_size',
  config: 'config',
} as const satisfies { [Property in keyof SharedPluginConfig]-?: keyof SharedFields };

export const sharedProperties = Object.keys(sharedKeys) as (keyof typeof sharedKeys)[];

type Optional = {
  [Property in keyof SharedPluginConfig as undefined extends SharedPluginConfig[Property] ? Property : never]-?:
    | SharedPluginConfig[Property]
    | null
    | undefined;
};

/** @param fields what `applied_to` holds is for the plugin to read, and not looked at here */
export function readSharedFields(
  fields: Omit<z.output<z.ZodObject<SharedFields>>, 'applied_to'> & {
    readonly applied_to?: Readonly<Record<string, unknown>> | null | undefined;
  },
): SharedPluginConfig {
  return {
    ...givenFields<Optional>({
      description: fields.description,
      author: fields.author,
      namespace: fields.namespace,
      version: fields.version,
      appliedTo: fields.applied_to,
      config: fields.config,
      onError: fields.on_error,
      maxContentSize: fields.max_content_size,
    }),
    hooks: fields.hooks ?? [],
    tags: fields.tags ?? [],
    mode: fields.mode,
    priority: fields.priority,
    capabilities: fields.capabilities ?? [],
    conditions: conditionList.read(fields.conditions ?? []),
  };
}
