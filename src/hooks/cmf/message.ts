/** Who speaks in a message. */
export type MessageRole = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

/** What a model's output is meant for: its own work, a remark on it, or the reader. */
export type MessageChannel = 'analysis' | 'commentary' | 'final';

/** One turn of a conversation with a model, as `cpex` writes it down: its Common Message Format, version 2.0. */
export interface Message {
  readonly schemaVersion: '2.0';
  readonly role: MessageRole;
  readonly content: readonly ContentPart[];
  readonly channel?: MessageChannel | undefined;
}

/** What a content part is, and so which fields it has. */
export type ContentType = 'text' | 'thinking' | keyof ContentOf;

/** One part of a message: with `text`, or with `content` of its type. `ContentPart<'tool_call'>` is that of one type. */
export type ContentPart<Type extends ContentType = ContentType> = {
  readonly [T in Type]: T extends keyof ContentOf
    ? { readonly contentType: T; readonly content: ContentOf[T] }
    : { readonly contentType: T; readonly text: string };
}[Type];

/** The `content` of each type of part that is not text. */
export interface ContentOf {
  /** A model asks for a tool. */
  readonly tool_call: {
    readonly toolCallId: string;
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
    readonly namespace?: string | undefined;
  };
  /** What a tool answered. */
  readonly tool_result: {
    readonly toolCallId: string;
    readonly toolName: string;
    readonly content?: unknown;
    readonly isError: boolean;
  };
  /** A resource with what is in it: `content` or `blob`, never both. */
  readonly resource: {
    readonly resourceRequestId: string;
    readonly uri: string;
    readonly resourceType: ResourceType;
    readonly name?: string | undefined;
    readonly description?: string | undefined;
    readonly content?: string | undefined;
    /** Bytes as text. `cpex` writes them as UTF-8 and cannot send others: put base64 in. */
    readonly blob?: string | undefined;
    readonly mimeType?: string | undefined;
    readonly sizeBytes?: number | undefined;
    readonly annotations: Readonly<Record<string, unknown>>;
    readonly version?: string | undefined;
  };
  /** A resource by name alone, or a range of it. */
  readonly resource_ref: {
    readonly resourceRequestId: string;
    readonly uri: string;
    readonly resourceType: ResourceType;
    readonly name?: string | undefined;
    /** Line or byte at which the range begins. */
    readonly rangeStart?: number | undefined;
    /** Where it ends, not before its begin. */
    readonly rangeEnd?: number | undefined;
    readonly selector?: string | undefined;
  };
  /** Somebody asks for a prompt template. */
  readonly prompt_request: {
    readonly promptRequestId: string;
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
    readonly serverId?: string | undefined;
  };
  /** What a prompt template became. */
  readonly prompt_result: {
    readonly promptRequestId: string;
    readonly promptName: string;
    readonly messages: readonly Message[];
    readonly content?: string | undefined;
    readonly isError: boolean;
    readonly errorMessage?: string | undefined;
  };
  readonly image: MediaSource;
  readonly video: MediaSource & { readonly durationMs?: number | undefined };
  readonly audio: MediaSource & { readonly durationMs?: number | undefined };
  readonly document: MediaSource & { readonly title?: string | undefined };
}

/** What kind of thing a resource is. */
export type ResourceType = 'file' | 'blob' | 'uri' | 'database' | 'api' | 'memory' | 'artifact';

/** Where the bytes of a picture, a recording or a document are. */
export interface MediaSource {
  readonly type: 'url' | 'base64';
  /** A URL, or base64, as `type` says. */
  readonly data: string;
  /** As in `image/jpeg`. */
  readonly mediaType?: string | undefined;
}

/** Where a message stands on its way; `evaluate` is nowhere in particular. */
export type MessagePlace =
  | 'evaluate'
  | 'llm_input'
  | 'llm_output'
  | 'tool_pre_invoke'
  | 'tool_post_invoke'
  | 'prompt_pre_fetch'
  | 'prompt_post_fetch'
  | 'resource_pre_fetch'
  | 'resource_post_fetch';

/** The payload of `evaluate` and of all hooks that begin with `cmf.`. */
export interface MessagePayload {
  readonly message: Message;
  /** Default: the place that its hook is named after. */
  readonly hook: MessagePlace;
}
