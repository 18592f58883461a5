// A plugin server that does as little as one can, with the plugin of counting.js: for what a client costs.
// `counting-end.js stdio`, or `counting-end.js http <port>`.
import { greeting, serveBare } from './bare-server.js';

const config = { name: 'Counting', kind: 'counting', hooks: ['tool_pre_invoke'] };

/** What the tool `invoke_hook` says. @param {any} args */
function answerToHook({ payload, plugin_name }) {
  const { args } = payload;
  const modified_payload = { ...payload, args: { ...args, count: args.count + 1 } };
  return { plugin_name, result: { continue_processing: true, modified_payload, violation: null, metadata: {} } };
}

serveBare(({ method, params }) => {
  if (method === 'initialize') return greeting(params);
  if (method !== 'tools/call') return undefined;
  const said = params.name === 'invoke_hook' ? answerToHook(params.arguments) : config;
  return { content: [{ type: 'text', text: JSON.stringify(said) }], isError: false };
});
