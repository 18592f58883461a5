import type { z } from 'zod';

/** The condition lists that name what a payload is about. */
export type ConditionSubject = 'tools' | 'prompts' | 'resources' | 'agents';

/** One thing that a payload is about. */
export interface Subject {
  /** The list of a condition that names such things. */
  readonly list: ConditionSubject;
  readonly name: string;
}

/**
 * A named point at which plugins run: the shape of what they are given and of what they may give back.
 *
 * Most hooks give back a changed payload. A hook with a `result` of its own (a header map, a decision) keeps the payload
 * as it is for every plugin and combines the results instead.
 */
export interface HookDefinition<Name extends string = string, Payload = unknown, Result = unknown> {
  readonly name: Name;
  /** Fields that it does not name are refused, unless it says what they are: `z.looseObject`, `catchall`. */
  readonly payload: z.ZodType<Payload>;
  /** Shape of `modifiedPayload`, where it is not the payload. */
  readonly result?: z.ZodType<Result>;
  /** Fields of the payload that are header maps: everybody sees one entry for each name, however it is written. */
  readonly headerFields?: readonly string[];
  /** True if the result is a header map. */
  readonly resultIsHeaders?: boolean;
  /** Optional fields of the payload that say the same where they are absent as where they are `{}`. */
  readonly emptyIsAbsent?: readonly string[];
  /** How a later result joins an earlier one. Default: the later one wins. */
  combine?(earlier: Result, later: Result): Result;
  /** What a result changes in the payload that the next plugin sees. Default: nothing. */
  applyToPayload?(payload: Payload, result: Result): Payload;
  /**
   * True for a result that no later one may overturn and that counts as the decision of its plugin. Is asked as well of
   * what does not fit the schema, whether it may have been meant as one.
   */
  denies?(result: Result): boolean;
  /** Report the plugin whose result decided as `_decision_plugin` in the metadata. */
  readonly reportsDecision?: boolean;
  /** Which of a plugin's conditions are matched against the payload, and with what. */
  readonly subject?: { readonly list: ConditionSubject; of(payload: Payload): string };
  /** The same for a payload about several things: a plugin runs if it would for one of them. None: whatever is listed. */
  subjects?(payload: Payload): readonly Subject[];
  /**
   * True if the names of objects inside (also in lists, and in unions that one field tells apart) are translated for the
   * wire too, unknown fields in them are refused there, and fields that are absent are left out. Otherwise what is inside
   * is passed on as it is.
   */
  readonly nested?: boolean;
  /** True if payload or result hold tokens in clear: plugins elsewhere get them over private transports only, where asked to. */
  readonly carriesCredentials?: boolean;
}

/** Checks nothing and changes nothing: it is there so that the types of a hook are inferred from its schemas. */
export function defineHook<const Name extends string, Payload, Result = Payload>(
  definition: HookDefinition<Name, Payload, Result>,
): HookDefinition<Name, Payload, Result> {
  return definition;
}

/** Hook name → what plugins get and what they give back; made from definitions with {@link HookTypes}. */
export type HookMap = Record<string, { payload: unknown; result: unknown }>;

/** The {@link HookMap} of a list of definitions. */
export type HookTypes<Definitions extends readonly HookDefinition[]> = {
  [D in Definitions[number] as D['name']]: D extends HookDefinition<string, infer Payload, infer Result>
    ? { payload: Payload; result: Result }
    : never;
};

/** All keys of a type, of each member of a union. */
type KeysOf<Value> = Value extends unknown ? keyof Value : never;

/**
 * What is given where `Expected` is asked for, without fields that `Expected` does not have: they would be refused.
 * TypeScript alone looks for them in literals only.
 */
export type Exactly<Expected, Given> = unknown extends Expected
  ? Given
  : Given & { readonly [Key in Exclude<KeysOf<Given>, KeysOf<Expected>>]?: never };
