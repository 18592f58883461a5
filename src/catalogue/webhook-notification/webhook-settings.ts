import { z } from 'zod';
import { isEmptied, templateProblem } from './payload-template.js';

/** Events that happen where this plugin is. It does not see what other plugins do. */
const seenEvents = ['tool_success', 'tool_error', 'prompt_success', 'resource_success'] as const;
/** Events that ContextForge names, and that neither its plugin nor this one ever sends. */
const unseenEvents = ['violation', 'rate_limit_exceeded', 'pii_detected', 'harmful_content', 'plugin_error'] as const;

export type SeenEvent = (typeof seenEvents)[number];

const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'expected the name of a header');
const secret = z.string().regex(/^[\x20-\x7e]+$/, 'expected a text that a header can carry');

const authentication = z
  .strictObject({
    type: z.enum(['none', 'bearer', 'api_key', 'hmac']).default('none'),
    token: secret.nullish(),
    api_key: secret.nullish(),
    api_key_header: headerName.default('X-API-Key'),
    hmac_secret: z.string().min(1).nullish(),
    hmac_algorithm: z.enum(['sha256', 'sha384', 'sha512']).default('sha256'),
    hmac_header: headerName.default('X-Signature'),
  })
  .superRefine((given, context) => {
    const needed = ({ none: undefined, bearer: 'token', api_key: 'api_key', hmac: 'hmac_secret' } as const)[given.type];
    if (needed === undefined || given[needed]) return;
    context.addIssue({ code: 'custom', path: [needed], message: `is needed where type is ${given.type}` });
  });

const webhook = z
  .strictObject({
    url: z.string(),
    events: z.array(z.enum([...seenEvents, ...unseenEvents])).default(['violation']),
    authentication: authentication.prefault({}),
    retry_attempts: z.int().min(0).max(10).default(3),
    retry_delay: z.int().min(100).max(60_000).default(1_000),
    timeout: z.int().min(1).max(120).default(10),
    enabled: z.boolean().default(true),
  })
  .superRefine(({ url, enabled }, context) => {
    if (!enabled || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) return;
    context.addIssue({ code: 'custom', path: ['url'], message: 'Invalid input: expected http or https, and a host' });
  });

export type Webhook = z.output<typeof webhook>;

const template = z.string().superRefine((text, context) => {
  const problem = templateProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** What is sent where nothing else is said. */
const defaultTemplate = `{
  "event": "{{event}}",
  "plugin": "{{plugin_name}}",
  "timestamp": "{{timestamp}}",
  "request_id": "{{request_id}}",
  "user": "{{user}}",
  "tenant_id": "{{tenant_id}}",
  "server_id": "{{server_id}}",
  "violation": {{violation}},
  "metadata": {{metadata}}
}`;

/** The `config` section, with the keys and defaults of ContextForge. */
export const webhookConfig = z.strictObject({
  webhooks: z.array(webhook).max(100).default([]),
  payload_templates: z.partialRecord(z.enum([...seenEvents, ...unseenEvents]), template).default({}),
  default_template: template.default(defaultTemplate),
  include_payload_data: z.boolean().default(false),
  max_payload_size: z.int().min(0).max(1_000_000).default(1_000),
});

export type WebhookConfig = z.output<typeof webhookConfig>;

/** What is sent for an event. What was emptied on its way here is none of its template's, and could not be read. */
export function templateFor(event: SeenEvent, { payload_templates, default_template }: WebhookConfig): string {
  const template = payload_templates[event] ?? default_template;
  return isEmptied(template) ? defaultTemplate : template;
}

/** Where templates stand in the section that have lost the names in them. */
export function emptiedTemplates({ payload_templates, default_template }: WebhookConfig): readonly string[] {
  const all = [
    ['default_template', default_template] as const,
    ...Object.entries(payload_templates).map(([event, text]) => [`payload_templates.${event}`, text] as const),
  ];
  return all.filter(([, text]) => isEmptied(text)).map(([place]) => `config.${place}`);
}

/** Events that a configuration asks for, and that never happen. */
export function neverSent({ webhooks }: WebhookConfig): readonly string[] {
  const asked = new Set<string>(webhooks.filter(({ enabled }) => enabled).flatMap(({ events }) => events));
  return unseenEvents.filter((event) => asked.has(event));
}
