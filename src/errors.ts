/**
 * Every error this library raises, in one table. Each code has a heading in `docs/reference/errors.md`.
 */
export const errorCodes = {
  CONFIG_INVALID: 'a configuration, an environment variable or an option does not say what it should',
  CONFIG_UNREADABLE: 'a configuration file cannot be read, or the overrides of a key did not come in time',
  HOOK_UNKNOWN: 'a hook was named that nobody registered',
  HOOK_DUPLICATE: 'a hook was registered twice',
  PAYLOAD_INVALID: 'a payload does not have the shape its hook asks for',
  PAYLOAD_TOO_LARGE: 'a payload is larger than the configured limit',
  CONTEXT_INVALID: 'a request context, or an option of a call, does not have the shape it should',
  PLUGIN_LOAD_FAILED: 'a plugin could not be found, loaded, constructed or initialised',
  PLUGIN_NOT_FOUND: 'no plugin of that name serves that hook',
  PLUGIN_FAILED: 'a plugin threw, or its server answered with an error',
  PLUGIN_TIMEOUT: 'a plugin did not answer before its deadline',
  PLUGIN_RESULT_INVALID: 'a plugin returned something that is not a hook result',
  PLUGIN_VIOLATION: 'a plugin blocked the request, and threw its violation or the caller asked for exceptions',
  UNGUARDED: 'a guarded client or tool was asked for what no hook looks at, or a plugin for what it cannot do',
  TOOL_FAILED: 'a guarded tool failed, and the plugins changed what its error says',
  INVOCATION_CANCELLED: 'the caller cancelled a hook invocation',
  PLUGIN_RETIRED: 'a reload shut a plugin down that a hook invocation had yet to call',
  MANAGER_CLOSED: 'a hook was invoked after the manager was closed',
  CONNECTION_FAILED: 'a connection used up its attempts and is cooling down',
  CONNECTION_CLOSED: 'a connection was closed by its owner',
  QUEUE_FULL: 'too many calls are waiting for a connection',
  CALL_REFUSED: 'the other side answered a call with an error, or an open link could not take it',
  MESSAGE_TOO_LARGE: 'one message of a call, its request or its answer, is larger than the limit; other calls go on',
  CALL_TIMEOUT: 'a call was not answered before its deadline',
  CALL_CANCELLED: 'a call was cancelled by its caller',
  CALL_OUTCOME_UNKNOWN: 'a call was cut off in flight and may or may not have been executed',
  SESSION_LOST: 'the other side no longer knows the session a call was made on',
  LINK_LOST: 'a transport ended: a process exited, a socket closed, a stream dropped',
  PROTOCOL_ERROR: 'the other side sent something that is not the protocol',
  ADDRESS_REFUSED: 'a URL names an address that requests must not go to',
  TLS_INVALID: 'a certificate, key or TLS setting cannot be used',
  SERVER_NOT_FOUND: 'a server was named that is not configured, or that has an entry that cannot be used',
  SERVER_UNAVAILABLE: 'a server cannot be reached now; the message says why, and when it is tried next',
  LOGIN_NEEDED: 'a server asks for a login that a person has to make; the message says how',
  RECORDING_INVALID:
    'a recording cannot be read: there is none, it is of another version, or a line says what none can',
  SERVER_START_FAILED: 'a server could not start listening',
} as const;

/** A code of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

const brand = Symbol.for('gatechart.error');

/** What an error carries beside code and message. */
export interface ErrorOptions {
  /** What led to this error. */
  cause?: unknown;
  /** Facts about the failure, safe to log: never a secret. */
  details?: Record<string, unknown>;
}

/** The base of every error this library raises. `code` is stable; `message` is for people. */
export class GatechartError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
    Object.defineProperty(this, brand, { value: true });
  }
}

/** True for errors of this library, also when they come from a second copy of the package. */
export function isGatechartError(value: unknown): value is GatechartError {
  try {
    return typeof value === 'object' && value !== null && brand in value && 'code' in value && isText(value.code);
  } catch {
    // A proxy may refuse the question.
    return false;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** The message of anything that was thrown. Never throws: some objects cannot be turned into text. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'something that cannot be shown as text';
  }
}
