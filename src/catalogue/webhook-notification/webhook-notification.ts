import type { GlobalContext } from '../../context/global-context.js';
import type {
  PromptPostFetchPayload,
  ResourcePostFetchPayload,
  ToolPostInvokePayload,
} from '../../hooks/built-in-hooks.js';
import { isRecord } from '../../json/records.js';
import type { PluginSetup } from '../../plugins/plugin.js';
import { definitionOfClass, Plugin } from '../../plugins/plugin-class.js';
import type { PluginContext } from '../../plugins/plugin-context.js';
import { renderTemplate } from './payload-template.js';
import { WebhookDeliveries } from './webhook-deliveries.js';
import { shownWebhook, WebhookSender } from './webhook-sender.js';
import {
  emptiedTemplates,
  neverSent,
  type SeenEvent,
  templateFor,
  type WebhookConfig,
  webhookConfig,
} from './webhook-settings.js';

/** Bytes that are sent at most. */
const longestBody = 262_144;

/** Tells webhooks of what has happened. It looks only, and nobody waits for what it sends. */
class WebhookNotification extends Plugin<WebhookConfig> {
  static override config = webhookConfig;
  readonly #sender: WebhookSender;
  readonly #deliveries: WebhookDeliveries;

  constructor(setup: PluginSetup<WebhookConfig>) {
    super(setup);
    const { logger, name, ssrfProtection } = setup;
    this.#sender = new WebhookSender(ssrfProtection, (webhook, why) => {
      const where = shownWebhook(webhook);
      logger.warn({ plugin: name, webhook: where }, `plugin ${name}: ${where} did not take an event: ${why}`);
    });
    this.#deliveries = new WebhookDeliveries(setup, this.#sender);
  }

  override async initialize(): Promise<void> {
    const { config, logger, name } = this.setup;
    const never = neverSent(config);
    if (never.length > 0) {
      logger.warn({ plugin: name, events: never }, `plugin ${name}: nothing is ever sent for ${never.join(', ')}`);
    }
    for (const place of emptiedTemplates(config)) {
      logger.warn(
        { plugin: name, template: place },
        `plugin ${name}: ${place} has lost its names, and the built-in template is used; in a file, write it between {% raw %} and {% endraw %}`,
      );
    }
    await this.#sender.open(config.webhooks.filter(({ enabled }) => enabled));
  }

  override async shutdown(): Promise<void> {
    await this.#deliveries.close();
    await this.#sender.close();
  }

  // Nothing has happened yet, before a call.
  prompt_pre_fetch(): void {}
  tool_pre_invoke(): void {}
  resource_pre_fetch(): void {}

  prompt_post_fetch({ promptId }: PromptPostFetchPayload, { globalContext }: PluginContext): void {
    this.#notify('prompt_success', globalContext, { prompt_id: promptId });
  }

  tool_post_invoke({ name, result }: ToolPostInvokePayload, { globalContext }: PluginContext): void {
    const hasFailed = isRecord(result) && (result['isError'] === true || Boolean(result['error']));
    const data = { tool_name: name, args: result };
    this.#notify(hasFailed ? 'tool_error' : 'tool_success', globalContext, { tool_name: name }, data);
  }

  resource_post_fetch({ uri }: ResourcePostFetchPayload, { globalContext }: PluginContext): void {
    this.#notify('resource_success', globalContext, { resource_uri: uri });
  }

  #notify(event: SeenEvent, context: GlobalContext, metadata: object, data?: object): void {
    const { config, logger, name } = this.setup;
    const webhooks = config.webhooks.filter(({ enabled, events }) => enabled && events.includes(event));
    if (webhooks.length === 0) return;
    const body = renderTemplate(templateFor(event, config), {
      event,
      plugin_name: name,
      timestamp: new Date().toISOString(),
      request_id: context.requestId,
      user: context.user,
      tenant_id: context.tenantId,
      server_id: context.serverId,
      violation: null,
      metadata,
      payload: this.#shown(data),
    });
    if (Buffer.byteLength(body) > longestBody) {
      logger.error(
        { plugin: name, event },
        `plugin ${name}: an event has more than ${longestBody} bytes, and is dropped`,
      );
      return;
    }
    for (const webhook of webhooks) this.#deliveries.deliver(webhook, event, body);
  }

  /** The payload, where it is to be sent and is no larger than it may. */
  #shown(data: object | undefined): object | undefined {
    const { include_payload_data, max_payload_size } = this.setup.config;
    if (!include_payload_data || data === undefined) return undefined;
    return JSON.stringify(data).length <= max_payload_size ? data : undefined;
  }
}

export const webhookNotification = definitionOfClass(WebhookNotification);
