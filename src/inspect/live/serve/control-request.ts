import { z } from 'zod';
import { excerpt } from '../../../json/excerpt.js';
import type { ControlRequest } from '../feed/feed-control.js';
import { BadRequest } from './request-query.js';

const name = z.string().min(1).max(512);

const controlSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.enum(['retry', 'close']), actor: name, expect: name }),
  z.strictObject({ do: z.enum(['enable', 'disable']), plugin: name, expect: name }),
  z.strictObject({ do: z.literal('setMode'), plugin: name, mode: name, expect: name }),
  z.strictObject({ do: z.literal('reload') }),
]);

const sessionSchema = z.strictObject({ token: z.string().min(1).max(100) });

/** @throws BadRequest for what is none */
export function controlRequestOf(text: string): ControlRequest {
  return parsed(controlSchema, text);
}

/** The one-time token that is to be swapped. @throws BadRequest */
export function tokenOf(text: string): string {
  return parsed(sessionSchema, text).token;
}

function parsed<Value>(schema: z.ZodType<Value>, text: string): Value {
  const result = schema.safeParse(json(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.');
  throw new BadRequest(excerpt(`${where}: ${issue?.message ?? 'not what was expected'}`, 300));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message has a piece of the body in it, which may be the token.
    throw new BadRequest('the body is not JSON');
  }
}
