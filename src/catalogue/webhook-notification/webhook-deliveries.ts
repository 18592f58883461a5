import { type ActorRefFrom, fromPromise } from 'xstate';
import { type DeliveryAttempt, webhookDeliveryMachine } from '../../../machines/index.js';
import type { PluginSetup } from '../../plugins/plugin.js';
import { within } from '../../time/within.js';
import { shownWebhook, type WebhookSender } from './webhook-sender.js';
import type { Webhook, WebhookConfig } from './webhook-settings.js';

/** Deliveries that are under way at once; what comes beyond is dropped. */
const mostDeliveries = 1_000;
/** Milliseconds that attempts get to end when the plugin shuts down. */
const lastAttemptsMs = 5_000;

/** The events that are on their way. Each runs `machines/webhook-delivery.machine.ts`. */
export class WebhookDeliveries {
  readonly #setup: PluginSetup<WebhookConfig>;
  readonly #sender: WebhookSender;
  readonly #underWay = new Set<ActorRefFrom<typeof webhookDeliveryMachine>>();
  #idle: (() => void) | undefined;

  constructor(setup: PluginSetup<WebhookConfig>, sender: WebhookSender) {
    this.#setup = setup;
    this.#sender = sender;
  }

  get size(): number {
    return this.#underWay.size;
  }

  deliver(webhook: Webhook, event: string, body: string): void {
    const { actors, logger, name } = this.#setup;
    const where = shownWebhook(webhook);
    if (this.size >= mostDeliveries) {
      logger.warn(
        { plugin: name, webhook: where, event },
        `plugin ${name}: ${mostDeliveries} events wait; one more is dropped`,
      );
      return;
    }
    const machine = webhookDeliveryMachine.provide({
      actors: {
        postEvent: fromPromise<DeliveryAttempt>(({ signal }) => this.#sender.send(webhook, body, signal)),
      },
      actions: {
        reportLost: ({ context: { attempt } }) =>
          logger.error(
            { plugin: name, webhook: where, event, attempt },
            `plugin ${name}: ${where} did not take an event`,
          ),
      },
    });
    const input = { maxAttempts: webhook.retry_attempts + 1, retryDelayMs: webhook.retry_delay };
    const actor = actors.start(machine, `${event} to ${where}`, input);
    this.#underWay.add(actor);
    const ended = (): void => {
      this.#underWay.delete(actor);
      if (this.size === 0) this.#idle?.();
    };
    actor.subscribe({ complete: ended, error: ended });
  }

  /** Nothing is sent again; what is being sent may end. */
  async close(): Promise<void> {
    for (const actor of this.#underWay) actor.send({ type: 'close' });
    if (this.size === 0) return;
    await within(new Promise<void>((resolve) => (this.#idle = resolve)), lastAttemptsMs, this.#setup.clock);
  }
}
