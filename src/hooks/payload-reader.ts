import { z } from 'zod';
import { isPlainObject } from '../json/records.js';
import { GatechartError, messageOf } from '../errors.js';
import { oneEntryPerName } from './headers.js';
import { copyWithin, type FieldsCopy, type PayloadFields } from './payload-copy.js';
import { isPlain, objectOf } from './plain-schema.js';
import { type FieldCheck, fieldChecks, type ShapeCheck, shapeCheck } from './shape-check.js';
import { strictSchema } from './strict-schema.js';

/** What a payload, or a result of a hook, turned out to be. */
export interface PayloadReading {
  /** Deeply frozen. What its schema makes of it, or a copy of what was given if it does not fit. */
  readonly value: unknown;
  /** What is wrong with it, beginning with the place; unknown fields aside. */
  readonly problems: readonly string[];
  /** The fields that nobody knows, each with what was perhaps meant. */
  readonly unknown: readonly string[];
}

/** What is to be known of what is read. */
export interface ReaderOptions {
  /** What it is called in messages: `The payload of tool_pre_invoke`. */
  readonly what: string;
  readonly hook: string;
  readonly schema: z.ZodType;
  /** Fields that are header maps; of the whole, if it is one: `true`. */
  readonly headers?: readonly string[] | true | undefined;
}

const none: readonly string[] = [];

/**
 * Reads payloads that come from code: copies first, so that each part is read once and what was checked is what is seen;
 * then checks. Unknown fields are refused, null for an optional field counts as absent, and header maps have one entry for
 * each name.
 */
export class PayloadReader {
  readonly #options: ReaderOptions;
  readonly #strict: z.core.$ZodType;
  readonly #fields: PayloadFields | undefined;
  /** How many of the fields have to be there; undefined where they have to be looked at more closely. */
  readonly #required: number | undefined;
  /** There are objects inside that may have unknown fields too. */
  readonly #nested: boolean;
  readonly #plainFields: readonly string[];
  /** The schema only looks: what it lets through is what it was given. */
  readonly #plain: boolean;
  /** Of a schema that only looks, at what has no fields. */
  readonly #fits: ShapeCheck | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#strict = strictSchema(options.schema);
    const object = objectOf(options.schema);
    const fields = Object.entries(object?.shape ?? {});
    const { headers } = options;
    this.#nested = object !== options.schema || fields.some(([, schema]) => strictSchema(schema) !== schema);
    this.#plainFields = fields.filter(([, schema]) => isPlain(schema)).map(([field]) => field);
    this.#plain =
      object === undefined
        ? isPlain(options.schema)
        : object === options.schema &&
          this.#plainFields.length === fields.length &&
          object.def.checks === undefined &&
          (object.def.catchall === undefined ||
            object.def.catchall instanceof z.ZodNever ||
            isPlain(object.def.catchall));
    this.#fits = this.#plain && object === undefined ? shapeCheck(options.schema) : undefined;
    const checks = this.#plain && object !== undefined ? fieldChecks(object) : undefined;
    this.#fields = object && fieldsOf(object, headers, checks);
    this.#required = checks?.filter(({ isOptional }) => !isOptional).length;
  }

  /**
   * @param limit characters and bytes it may have, counted as `PayloadCopy` says
   * @throws GatechartError PAYLOAD_TOO_LARGE, PAYLOAD_INVALID for what is no plain data where an object should be, what
   * contains itself, or cannot be read
   */
  read(given: unknown, limit: number): PayloadReading {
    const { value, unknown: hasUnknown, fits } = this.#copy(given, limit);
    if (fits || this.#fits?.(value) === true) return { value, problems: none, unknown: none };
    // The strict schema is the slower one, and seldom has anything to say.
    const parsed = this.#parse(hasUnknown || this.#nested ? this.#strict : this.#options.schema, value);
    if (parsed.success) return { value: this.#read(parsed.data, value, limit), problems: none, unknown: none };
    const problems: string[] = [];
    const unknown: string[] = [];
    for (const issue of parsed.error.issues) {
      const path = issue.path.map(String).join('.');
      if (issue.code !== 'unrecognized_keys') problems.push(`${path || 'payload'}: ${issue.message}`);
      else unknown.push(path === '' ? issue.message : `${path}: ${issue.message}`);
    }
    return { value, problems, unknown };
  }

  /** A frozen copy, not checked against the schema and of any size; undefined if it cannot be read. */
  attemptCopy(given: unknown): unknown {
    try {
      return this.copy(given, Number.POSITIVE_INFINITY);
    } catch {
      return undefined;
    }
  }

  /**
   * A frozen copy, not checked against the schema.
   *
   * @throws GatechartError PAYLOAD_TOO_LARGE, PAYLOAD_INVALID
   */
  copy(given: unknown, limit: number): unknown {
    return this.#copy(given, limit).value;
  }

  #copy(given: unknown, limit: number): FieldsCopy {
    const whole = this.#options.headers === true ? this.#oneEntryPerName(given) : given;
    const copied = copyWithin(whole, limit, this.#fields, this.#required);
    if (!('refused' in copied)) return copied;
    const { what, hook } = this.#options;
    if (copied.refused === 'data') throw this.#invalid(`${what} ${copied.problem}.`);
    throw new GatechartError(
      'PAYLOAD_TOO_LARGE',
      `${what} has ${copied.size} characters, more than the ${limit} that max_payload_size allows.`,
      { details: { hook, size: copied.size, limit } },
    );
  }

  #parse(schema: z.core.$ZodType, value: unknown): z.ZodSafeParseResult<unknown> {
    try {
      return z.safeParse(schema, value);
    } catch (error) {
      throw this.#invalid(`${this.#options.what} cannot be checked: ${messageOf(error)}.`, error);
    }
  }

  #read(parsed: unknown, given: unknown, limit: number): unknown {
    if (this.#plain) return given;
    // The copy that zod makes of a record lacks its `__proto__` key, so that a plugin would not see what the tool gets.
    if (isPlainObject(parsed) && isPlainObject(given) && !Object.isFrozen(parsed)) {
      for (const field of this.#plainFields)
        if (Object.hasOwn(given, field) && Object.hasOwn(parsed, field)) parsed[field] = given[field];
    }
    return this.copy(parsed, limit);
  }

  #oneEntryPerName(given: unknown): unknown {
    try {
      return isPlainObject(given) ? oneEntryPerName(given) : given;
    } catch (error) {
      throw this.#invalid(`${this.#options.what} cannot be read: ${messageOf(error)}.`, error);
    }
  }

  #invalid(message: string, cause?: unknown): GatechartError {
    return new GatechartError('PAYLOAD_INVALID', message, { cause, details: { hook: this.#options.hook } });
  }
}

/** @param checks of the fields of a schema at which nothing else is to be looked at */
function fieldsOf(
  { shape }: z.ZodObject,
  headers: ReaderOptions['headers'],
  checks: readonly FieldCheck[] | undefined,
): PayloadFields {
  const checkOf = new Map(checks?.map(({ name, check }) => [name, check]));
  return new Map(
    Object.entries(shape).map(([field, schema]) => [
      field,
      {
        nullIsAbsent: meansAbsent(schema),
        isHeaders: headers !== true && headers?.includes(field) === true,
        isOptional: schema instanceof z.ZodOptional,
        check: checkOf.get(field),
      },
    ]),
  );
}

/** Null says that the field is absent, where it may be absent and may not be null. */
function meansAbsent(schema: z.core.$ZodType): boolean {
  try {
    return !z.safeParse(schema, null).success && z.safeParse(schema, undefined).success;
  } catch {
    return false;
  }
}
