import * as fc from 'fast-check';
import type { Json } from './host.js';

const text = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('näme', '漢字', '', 'a/b'));
const json = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const record = fc.dictionary(
  text.filter((key) => key !== '__proto__'),
  json,
  { maxKeys: 3, noNullPrototype: true },
);
const some = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const whole = fc.integer({ min: 0, max: 9 });
const resourceType = fc.constantFrom('file', 'blob', 'uri', 'database', 'api', 'memory', 'artifact');

/** Fields of one object, those of the second list perhaps null and perhaps left out. */
function fields(must: Record<string, fc.Arbitrary<unknown>>, may: Record<string, fc.Arbitrary<unknown>> = {}) {
  const all = { ...must, ...Object.fromEntries(Object.entries(may).map(([key, value]) => [key, some(value)])) };
  return fc.record(all, { requiredKeys: Object.keys(must), noNullPrototype: true });
}
/** What may be left out, but cpex does not take null for it. */
function filled(object: fc.Arbitrary<Json>, may: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Json> {
  return fc
    .tuple(object, fc.record(may, { requiredKeys: [], noNullPrototype: true }))
    .map(([one, other]) => ({ ...one, ...other }));
}

const media = { type: fc.constantFrom('url', 'base64'), data: text };
/** Messages in the words of the wire; some have a role or a part that nobody knows, and some what does not go together. */
export const { message } = fc.letrec<{ message: Json; part: Json }>((tie) => {
  const contents: Record<string, fc.Arbitrary<Json>> = {
    tool_call: filled(fields({ tool_call_id: text, name: text }, { namespace: text }), { arguments: record }),
    tool_result: filled(fields({ tool_call_id: text, tool_name: text }, { content: json }), { is_error: fc.boolean() }),
    resource: filled(
      fields(
        { resource_request_id: text, uri: text, resource_type: resourceType },
        {
          name: text,
          description: text,
          content: text,
          blob: text,
          mime_type: text,
          size_bytes: whole,
          version: text,
        },
      ),
      { annotations: record },
    ),
    resource_ref: fields(
      { resource_request_id: text, uri: text, resource_type: resourceType },
      { name: text, range_start: whole, range_end: whole, selector: text },
    ),
    prompt_request: filled(fields({ prompt_request_id: text, name: text }, { server_id: text }), { arguments: record }),
    prompt_result: filled(
      fields({ prompt_request_id: text, prompt_name: text }, { content: text, error_message: text }),
      { messages: fc.array(tie('message'), { maxLength: 2, depthIdentifier: 'part' }), is_error: fc.boolean() },
    ),
    image: fields(media, { media_type: text }),
    video: fields(media, { media_type: text, duration_ms: whole }),
    audio: fields(media, { media_type: text, duration_ms: whole }),
    document: fields(media, { media_type: text, title: text }),
  };
  const wrapped = Object.entries(contents).map(([type, content]) =>
    fields({ content_type: fc.constant(type), content }),
  );
  return {
    part: fc.oneof(
      { depthIdentifier: 'part', maxDepth: 2 },
      fields({ content_type: fc.constantFrom('text', 'thinking', 'hologram'), text }),
      ...wrapped,
    ),
    message: filled(
      fields(
        { role: fc.constantFrom('system', 'developer', 'user', 'assistant', 'tool', 'nobody') },
        { channel: fc.constantFrom('analysis', 'commentary', 'final') },
      ),
      {
        schema_version: fc.constant('2.0'),
        content: fc.array(tie('part'), { maxLength: 3, depthIdentifier: 'part' }),
      },
    ),
  };
});
