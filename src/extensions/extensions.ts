import type { DelegationExtension } from './delegation-extension.js';
import type { SecurityExtension } from './security-extension.js';

// What a host may tell of a request beside the payload, in the slots and fields of `cpex` 0.1.4. Which plugins see and
// change what of it is in `extension-table.ts`.

/** Where the request came from and how it is traced. */
export interface RequestExtension {
  /** `production`, `staging`, `dev`. */
  readonly environment?: string | undefined;
  readonly requestId?: string | undefined;
  /** ISO 8601. */
  readonly timestamp?: string | undefined;
  /** Of OpenTelemetry: 32 hexadecimal digits. Plugins made for `cpex` count only where there is one. */
  readonly traceId?: string | undefined;
  /** Of OpenTelemetry: 16 hexadecimal digits. */
  readonly spanId?: string | undefined;
}

/** Which agent acts, and what for. */
export interface AgentExtension {
  /** What the user asked for that led to this. */
  readonly input?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly conversationId?: string | undefined;
  /** Position in the conversation, from 0. */
  readonly turn?: number | undefined;
  readonly agentId?: string | undefined;
  /** The agent that started this one. */
  readonly parentAgentId?: string | undefined;
  readonly conversation?: ConversationExtension | undefined;
}

/** What was said before, in part. */
export interface ConversationExtension {
  /** The last messages, at most 100. */
  readonly history?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly summary?: string | undefined;
  readonly topics?: readonly string[] | undefined;
}

/** The HTTP request that the payload came with. */
export interface HttpExtension {
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What is known of the tool, the resource or the prompt that the hook is about. */
export interface McpExtension {
  readonly tool?: ToolMetadata | undefined;
  readonly resource?: ResourceMetadata | undefined;
  readonly prompt?: PromptMetadata | undefined;
}

/** What an MCP server says of a tool, and which server that is. */
export interface ToolMetadata {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments. */
  readonly inputSchema?: Readonly<Record<string, unknown>> | undefined;
  /** JSON Schema of the structured result. */
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  readonly serverId?: string | undefined;
  readonly namespace?: string | undefined;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

/** What an MCP server says of a resource, and which server that is. */
export interface ResourceMetadata {
  readonly uri: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly mimeType?: string | undefined;
  readonly serverId?: string | undefined;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

/** What an MCP server says of a prompt, and which server that is. */
export interface PromptMetadata {
  readonly name: string;
  readonly description?: string | undefined;
  /** Each with `name`, `description` and `required`. */
  readonly arguments?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly serverId?: string | undefined;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

/** How a model came to its answer. */
export interface CompletionExtension {
  readonly stopReason?: 'end' | 'return' | 'call' | 'max_tokens' | 'stop_sequence' | undefined;
  readonly tokens?:
    | { readonly inputTokens: number; readonly outputTokens: number; readonly totalTokens: number }
    | undefined;
  readonly model?: string | undefined;
  /** `chatml`, `harmony`, `gemini`, `anthropic`. */
  readonly rawFormat?: string | undefined;
  /** ISO 8601. */
  readonly createdAt?: string | undefined;
  readonly latencyMs?: number | undefined;
}

/** Where a message comes from, and what it answers. */
export interface ProvenanceExtension {
  /** `user`, `agent:planner`, `mcp-server:files`. */
  readonly source?: string | undefined;
  readonly messageId?: string | undefined;
  readonly parentId?: string | undefined;
}

/** The model that is called. */
export interface LlmExtension {
  readonly modelId?: string | undefined;
  readonly provider?: string | undefined;
  /** `vision`, `tool_use`; of the model, and nothing that plugins may do. */
  readonly capabilities?: readonly string[] | undefined;
}

/** The agent framework that the request comes from. */
export interface FrameworkExtension {
  readonly framework?: string | undefined;
  readonly frameworkVersion?: string | undefined;
  readonly nodeId?: string | undefined;
  readonly graphId?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** What the host knows of the tool, resource or prompt beside what its server says. */
export interface MetaExtension {
  readonly tags?: readonly string[] | undefined;
  /** A group of the host's: the id of a virtual server, a namespace. */
  readonly scope?: string | undefined;
  readonly properties?: Readonly<Record<string, string>> | undefined;
}

/**
 * What a host tells of a request beside the payload: JSON data, every slot optional. The slots and fields are those of
 * `cpex` 0.1.4, in camel case.
 */
export interface Extensions {
  readonly request?: RequestExtension | undefined;
  readonly agent?: AgentExtension | undefined;
  readonly http?: HttpExtension | undefined;
  readonly security?: SecurityExtension | undefined;
  readonly delegation?: DelegationExtension | undefined;
  readonly mcp?: McpExtension | undefined;
  readonly completion?: CompletionExtension | undefined;
  readonly provenance?: ProvenanceExtension | undefined;
  readonly llm?: LlmExtension | undefined;
  readonly framework?: FrameworkExtension | undefined;
  readonly meta?: MetaExtension | undefined;
  /** Whatever the host and its plugins agree on. */
  readonly custom?: Readonly<Record<string, unknown>> | undefined;
}
