import type { PluginDefinition } from '../plugins/plugin.js';
import type { circuitBreaker } from './circuit-breaker/circuit-breaker.js';
import type { denyList } from './deny-list/deny-list.js';
import type { encodedExfilDetection } from './encoded-exfil-detection/encoded-exfil-detection.js';
import type { fileTypeAllowlist } from './file-type-allowlist/file-type-allowlist.js';
import type { htmlToMarkdown } from './html-to-markdown/html-to-markdown.js';
import type { jsonRepair } from './json-repair/json-repair.js';
import type { outputLengthGuard } from './output-length-guard/output-length-guard.js';
import type { piiFilter } from './pii-filter/pii-filter.js';
import type { rateLimiter } from './rate-limiter/rate-limiter.js';
import type { resourceFilter } from './resource-filter/resource-filter.js';
import type { retryWithBackoff } from './retry-with-backoff/retry-with-backoff.js';
import type { safeHtmlSanitizer } from './safe-html-sanitizer/safe-html-sanitizer.js';
import type { schemaGuard } from './schema-guard/schema-guard.js';
import type { searchReplace } from './search-replace/search-replace.js';
import type { secretsDetection } from './secrets-detection/secrets-detection.js';
import type { sparcStaticValidator } from './sparc-static-validator/sparc-static-validator.js';
import type { sqlSanitizer } from './sql-sanitizer/sql-sanitizer.js';
import type { toolsTelemetryExporter } from './tools-telemetry-exporter/tools-telemetry-exporter.js';
import type { urlReputation } from './url-reputation/url-reputation.js';
import type { webhookNotification } from './webhook-notification/webhook-notification.js';

/** What a plugin's schema lets its `config` section say; any map where it has none. */
type ConfigOf<Definition> =
  Definition extends PluginDefinition<infer Config> ? (unknown extends Config ? object : Config) : never;

/** The `config` section of each plugin that comes with gatechart, by its short `kind`. Types alone: nothing is loaded. */
export interface ReadyMadeConfigs {
  readonly 'pii-filter': ConfigOf<typeof piiFilter>;
  readonly 'search-replace': ConfigOf<typeof searchReplace>;
  readonly 'rate-limiter': ConfigOf<typeof rateLimiter>;
  readonly 'retry-with-backoff': ConfigOf<typeof retryWithBackoff>;
  readonly 'secrets-detection': ConfigOf<typeof secretsDetection>;
  readonly 'deny-list': ConfigOf<typeof denyList>;
  readonly 'output-length-guard': ConfigOf<typeof outputLengthGuard>;
  readonly 'schema-guard': ConfigOf<typeof schemaGuard>;
  readonly 'sparc-static-validator': ConfigOf<typeof sparcStaticValidator>;
  readonly 'sql-sanitizer': ConfigOf<typeof sqlSanitizer>;
  readonly 'resource-filter': ConfigOf<typeof resourceFilter>;
  readonly 'url-reputation': ConfigOf<typeof urlReputation>;
  readonly 'file-type-allowlist': ConfigOf<typeof fileTypeAllowlist>;
  readonly 'circuit-breaker': ConfigOf<typeof circuitBreaker>;
  readonly 'encoded-exfil-detection': ConfigOf<typeof encodedExfilDetection>;
  readonly 'webhook-notification': ConfigOf<typeof webhookNotification>;
  readonly 'tools-telemetry-exporter': ConfigOf<typeof toolsTelemetryExporter>;
  readonly 'json-repair': ConfigOf<typeof jsonRepair>;
  readonly 'html-to-markdown': ConfigOf<typeof htmlToMarkdown>;
  readonly 'safe-html-sanitizer': ConfigOf<typeof safeHtmlSanitizer>;
}
