import { createManager, defineHook, definePlugin, type HookTypes, silentLogger } from 'gatechart';
import { z } from 'zod';

const mailHook = defineHook({
  name: 'mail_pre_send',
  payload: z.object({ to: z.string(), text: z.string() }),
});
const hooks = [mailHook] as const;

const Footer = definePlugin<unknown, HookTypes<typeof hooks>>({
  hooks: {
    mail_pre_send: (mail) => ({ modifiedPayload: { ...mail, text: `${mail.text}\n-- sent by a program` } }),
  },
});

const manager = await createManager({
  config: { plugins: [{ name: 'Footer', kind: 'footer', hooks: ['mail_pre_send'] }] },
  kinds: { footer: Footer },
  hooks,
  logger: silentLogger,
});
const mail = { to: 'ada@example.org', text: 'Hello' };
const outcome = await manager.invokeHook('mail_pre_send', mail, { requestId: '1' });
console.log(outcome.modifiedPayload?.text);
await manager.close();
