import type { PluginDefinition } from '../plugins/plugin.js';

/** A plugin that comes with gatechart. */
export interface ReadyMadeKind {
  /** The short `kind`. */
  readonly name: string;
  /** Other kinds that stand for it: those of ContextForge and cpex, older ones too. */
  readonly kinds: readonly string[];
  /** The hooks it can be put on. */
  readonly hooks: readonly string[];
  /** Loads its code. Fails where a library is not installed that only it needs, and says which. */
  load(): Promise<PluginDefinition>;
  /** The library that it loads when it starts under these settings, and that is installed only where somebody uses it. */
  needs?(config: Readonly<Record<string, unknown>>): string | undefined;
}

/** Every plugin that comes with gatechart. Nothing of them is loaded before it is asked for. */
export const readyMadeKinds: readonly ReadyMadeKind[] = [
  {
    name: 'pii-filter',
    kinds: [
      'cpex_pii_filter.PIIFilterPlugin',
      'cpex_pii_filter.pii_filter.PIIFilterPlugin',
      'plugins.pii_filter.pii_filter.PIIFilterPlugin',
    ],
    hooks: ['prompt_pre_fetch', 'prompt_post_fetch', 'tool_pre_invoke', 'tool_post_invoke'],
    load: async () => (await import('./pii-filter/pii-filter.js')).piiFilter,
  },
  {
    name: 'search-replace',
    kinds: ['plugins.regex_filter.search_replace.SearchReplacePlugin'],
    hooks: ['prompt_pre_fetch', 'prompt_post_fetch', 'tool_pre_invoke', 'tool_post_invoke'],
    load: async () => (await import('./search-replace/search-replace.js')).searchReplace,
  },
  {
    name: 'rate-limiter',
    kinds: [
      'cpex_rate_limiter.RateLimiterPlugin',
      'cpex_rate_limiter.rate_limiter.RateLimiterPlugin',
      'plugins.rate_limiter.rate_limiter.RateLimiterPlugin',
    ],
    hooks: ['prompt_pre_fetch', 'tool_pre_invoke'],
    load: async () => (await import('./rate-limiter/rate-limiter.js')).rateLimiter,
    needs: ({ backend }) => (backend === 'redis' ? 'ioredis' : undefined),
  },
  {
    name: 'retry-with-backoff',
    kinds: [
      'cpex_retry_with_backoff.RetryWithBackoffPlugin',
      'cpex_retry_with_backoff.retry_with_backoff.RetryWithBackoffPlugin',
      'plugins.retry_with_backoff.retry_with_backoff.RetryWithBackoffPlugin',
    ],
    hooks: ['tool_post_invoke', 'resource_post_fetch'],
    load: async () => (await import('./retry-with-backoff/retry-with-backoff.js')).retryWithBackoff,
  },
  {
    name: 'secrets-detection',
    kinds: [
      'cpex_secrets_detection.SecretsDetectionPlugin',
      'cpex_secrets_detection.secrets_detection.SecretsDetectionPlugin',
      'plugins.secrets_detection.secrets_detection.SecretsDetectionPlugin',
    ],
    hooks: ['prompt_pre_fetch', 'tool_pre_invoke', 'tool_post_invoke', 'resource_post_fetch'],
    load: async () => (await import('./secrets-detection/secrets-detection.js')).secretsDetection,
  },
  {
    name: 'deny-list',
    kinds: ['plugins.deny_filter.deny.DenyListPlugin'],
    hooks: ['prompt_pre_fetch', 'tool_pre_invoke'],
    load: async () => (await import('./deny-list/deny-list.js')).denyList,
  },
  {
    name: 'output-length-guard',
    kinds: [
      'plugins.output_length_guard.output_length_guard.OutputLengthGuardPlugin',
      'cpex_output_length_guard.output_length_guard.OutputLengthGuardPlugin',
      'cpex_output_length_guard.OutputLengthGuardPlugin',
    ],
    hooks: ['tool_post_invoke'],
    load: async () => (await import('./output-length-guard/output-length-guard.js')).outputLengthGuard,
  },
  {
    name: 'schema-guard',
    kinds: ['plugins.schema_guard.schema_guard.SchemaGuardPlugin'],
    hooks: ['tool_pre_invoke', 'tool_post_invoke'],
    load: async () => (await import('./schema-guard/schema-guard.js')).schemaGuard,
  },
  {
    name: 'sparc-static-validator',
    kinds: ['plugins.sparc_static_validator.sparc_static_validator.SPARCStaticValidatorPlugin'],
    hooks: ['tool_pre_invoke'],
    load: async () => (await import('./sparc-static-validator/sparc-static-validator.js')).sparcStaticValidator,
  },
  {
    name: 'sql-sanitizer',
    kinds: [
      'cpex_sql_sanitizer.sql_sanitizer.SQLSanitizerPlugin',
      'cpex_sql_sanitizer.SQLSanitizerPlugin',
      'plugins.sql_sanitizer.sql_sanitizer.SQLSanitizerPlugin',
    ],
    hooks: ['prompt_pre_fetch', 'tool_pre_invoke'],
    load: async () => (await import('./sql-sanitizer/sql-sanitizer.js')).sqlSanitizer,
  },
  {
    name: 'resource-filter',
    kinds: ['plugins.resource_filter.resource_filter.ResourceFilterPlugin'],
    hooks: ['resource_pre_fetch', 'resource_post_fetch', 'prompt_post_fetch', 'tool_post_invoke'],
    load: async () => (await import('./resource-filter/resource-filter.js')).resourceFilter,
  },
  {
    name: 'url-reputation',
    kinds: [
      'cpex_url_reputation.URLReputationPlugin',
      'cpex_url_reputation.url_reputation.URLReputationPlugin',
      'plugins.url_reputation.url_reputation.URLReputationPlugin',
    ],
    hooks: ['resource_pre_fetch'],
    load: async () => (await import('./url-reputation/url-reputation.js')).urlReputation,
    needs: ({ use_heuristic_check: looks }) => (looks === true ? 'tldts' : undefined),
  },
  {
    name: 'file-type-allowlist',
    kinds: ['plugins.file_type_allowlist.file_type_allowlist.FileTypeAllowlistPlugin'],
    hooks: ['resource_pre_fetch', 'resource_post_fetch'],
    load: async () => (await import('./file-type-allowlist/file-type-allowlist.js')).fileTypeAllowlist,
  },
  {
    name: 'circuit-breaker',
    kinds: ['plugins.circuit_breaker.circuit_breaker.CircuitBreakerPlugin'],
    hooks: ['tool_pre_invoke', 'tool_post_invoke'],
    load: async () => (await import('./circuit-breaker/circuit-breaker.js')).circuitBreaker,
  },
  {
    name: 'encoded-exfil-detection',
    kinds: [
      'cpex_encoded_exfil_detection.EncodedExfilDetectorPlugin',
      'cpex_encoded_exfil_detection.encoded_exfil_detection.EncodedExfilDetectorPlugin',
      'plugins.encoded_exfil_detection.encoded_exfil_detector.EncodedExfilDetectorPlugin',
    ],
    hooks: ['prompt_pre_fetch', 'tool_post_invoke', 'resource_post_fetch'],
    load: async () => (await import('./encoded-exfil-detection/encoded-exfil-detection.js')).encodedExfilDetection,
  },
  {
    name: 'webhook-notification',
    kinds: ['plugins.webhook_notification.webhook_notification.WebhookNotificationPlugin'],
    hooks: [
      'prompt_pre_fetch',
      'prompt_post_fetch',
      'tool_pre_invoke',
      'tool_post_invoke',
      'resource_pre_fetch',
      'resource_post_fetch',
    ],
    load: async () => (await import('./webhook-notification/webhook-notification.js')).webhookNotification,
  },
  {
    name: 'tools-telemetry-exporter',
    kinds: ['plugins.tools_telemetry_exporter.telemetry_exporter.ToolsTelemetryExporterPlugin'],
    hooks: ['tool_pre_invoke', 'tool_post_invoke'],
    load: async () => (await import('./tools-telemetry-exporter/tools-telemetry-exporter.js')).toolsTelemetryExporter,
    needs: () => '@opentelemetry/api',
  },
  {
    name: 'json-repair',
    kinds: ['plugins.json_repair.json_repair.JSONRepairPlugin'],
    hooks: ['tool_post_invoke'],
    load: async () => (await import('./json-repair/json-repair.js')).jsonRepair,
    needs: ({ engine }) => (engine === 'jsonrepair' ? 'jsonrepair' : undefined),
  },
  {
    name: 'html-to-markdown',
    kinds: ['plugins.html_to_markdown.html_to_markdown.HTMLToMarkdownPlugin'],
    hooks: ['resource_post_fetch'],
    load: async () => (await import('./html-to-markdown/html-to-markdown.js')).htmlToMarkdown,
  },
  {
    name: 'safe-html-sanitizer',
    kinds: ['plugins.safe_html_sanitizer.safe_html_sanitizer.SafeHTMLSanitizerPlugin'],
    hooks: ['resource_post_fetch'],
    load: async () => (await import('./safe-html-sanitizer/safe-html-sanitizer.js')).safeHtmlSanitizer,
  },
];

const byKind = new Map(
  readyMadeKinds.flatMap((kind) => [kind.name, ...kind.kinds].map((name) => [name, kind] as const)),
);

/** Every `kind` that stands for a plugin that comes with gatechart. */
export const readyMadeNames: readonly string[] = [...byKind.keys()];

/** The plugin that a `kind` stands for; undefined if it is none of ours. */
export function readyMadeKind(kind: string): ReadyMadeKind | undefined {
  return byKind.get(kind);
}
