import { z } from 'zod';
import { lazySchema } from '../config/lazy-schema.js';
import { anyRecord, textRecord } from '../hooks/record-schemas.js';
import type { DelegationExtension } from './delegation-extension.js';
import type {
  AgentExtension,
  CompletionExtension,
  Extensions,
  FrameworkExtension,
  HttpExtension,
  LlmExtension,
  McpExtension,
  MetaExtension,
  ProvenanceExtension,
  RequestExtension,
} from './extensions.js';
import type { SecurityExtension, SubjectExtension } from './security-extension.js';

// They only look: what they let through is what is taken. What has keys of its own choosing is a record that zod does not
// copy, so that a `__proto__` among them stays.

const text = () => z.string().optional();
const texts = () => z.array(z.string()).optional();
const count = () => z.int().min(0);
const record = () => anyRecord.optional();

const request = () =>
  z.object({
    environment: text(),
    requestId: text(),
    timestamp: text(),
    traceId: text(),
    spanId: text(),
  }) satisfies z.ZodType<RequestExtension>;

const agent = () =>
  z.object({
    input: text(),
    sessionId: text(),
    conversationId: text(),
    turn: count().optional(),
    agentId: text(),
    parentAgentId: text(),
    conversation: z
      .object({ history: z.array(anyRecord).max(100).optional(), summary: text(), topics: texts() })
      .optional(),
  }) satisfies z.ZodType<AgentExtension>;

const http = () => z.object({ headers: textRecord.optional() }) satisfies z.ZodType<HttpExtension>;

/** Who was authenticated. */
export const subjectSchema = lazySchema(
  () =>
    z.object({
      id: z.string(),
      type: z.enum(['user', 'agent', 'service', 'system']),
      roles: texts(),
      permissions: texts(),
      teams: texts(),
      claims: textRecord.optional(),
    }) satisfies z.ZodType<SubjectExtension>,
);

const objectProfile = () =>
  z.object({ managedBy: text(), permissions: texts(), trustDomain: text(), dataScope: texts() });

const dataPolicy = () =>
  z.object({
    applyLabels: texts(),
    allowedActions: texts(),
    deniedActions: texts(),
    retention: z.object({ maxAgeSeconds: count().optional(), policy: text(), deleteAfter: text() }).optional(),
  });

const security = () =>
  z.object({
    labels: texts(),
    classification: text(),
    subject: subjectSchema().optional(),
    objects: z.record(z.string(), objectProfile()).optional(),
    data: z.record(z.string(), dataPolicy()).optional(),
  }) satisfies z.ZodType<SecurityExtension>;

const hop = () =>
  z.object({
    subjectId: z.string(),
    subjectType: z.string(),
    audience: text(),
    scopesGranted: texts(),
    timestamp: z.iso.datetime({ offset: true, local: true }).optional(),
    ttlSeconds: count().optional(),
    strategy: text(),
    fromCache: z.boolean().optional(),
  });

/** On whose behalf a request is made. */
export const delegationSchema = lazySchema(
  () =>
    z.object({
      chain: z.array(hop()).optional(),
      depth: count().optional(),
      originSubjectId: text(),
      actorSubjectId: text(),
      delegated: z.boolean().optional(),
      ageSeconds: z.number().min(0).optional(),
    }) satisfies z.ZodType<DelegationExtension>,
);

const mcp = () =>
  z.object({
    tool: z
      .object({
        name: z.string(),
        title: text(),
        description: text(),
        inputSchema: record(),
        outputSchema: record(),
        serverId: text(),
        namespace: text(),
        annotations: record(),
      })
      .optional(),
    resource: z
      .object({
        uri: z.string(),
        name: text(),
        description: text(),
        mimeType: text(),
        serverId: text(),
        annotations: record(),
      })
      .optional(),
    prompt: z
      .object({
        name: z.string(),
        description: text(),
        arguments: z.array(anyRecord).optional(),
        serverId: text(),
        annotations: record(),
      })
      .optional(),
  }) satisfies z.ZodType<McpExtension>;

const completion = () =>
  z.object({
    stopReason: z.enum(['end', 'return', 'call', 'max_tokens', 'stop_sequence']).optional(),
    tokens: z.object({ inputTokens: count(), outputTokens: count(), totalTokens: count() }).optional(),
    model: text(),
    rawFormat: text(),
    createdAt: text(),
    latencyMs: count().optional(),
  }) satisfies z.ZodType<CompletionExtension>;

const provenance = () =>
  z.object({ source: text(), messageId: text(), parentId: text() }) satisfies z.ZodType<ProvenanceExtension>;

const llm = () =>
  z.object({ modelId: text(), provider: text(), capabilities: texts() }) satisfies z.ZodType<LlmExtension>;

const framework = () =>
  z.object({
    framework: text(),
    frameworkVersion: text(),
    nodeId: text(),
    graphId: text(),
    metadata: record(),
  }) satisfies z.ZodType<FrameworkExtension>;

const meta = () =>
  z.object({
    tags: texts(),
    scope: text(),
    properties: textRecord.optional(),
  }) satisfies z.ZodType<MetaExtension>;

/** The shape of {@link Extensions}, slot by slot. */
export const extensionsSchema = lazySchema(
  () =>
    z.object({
      request: request().optional(),
      agent: agent().optional(),
      http: http().optional(),
      security: security().optional(),
      delegation: delegationSchema().optional(),
      mcp: mcp().optional(),
      completion: completion().optional(),
      provenance: provenance().optional(),
      llm: llm().optional(),
      framework: framework().optional(),
      meta: meta().optional(),
      custom: record(),
    }) satisfies z.ZodType<Extensions>,
);
