import { Usage } from '@openai/agents';

/** @typedef {import('@openai/agents').Model} Model */

/**
 * A stand-in for a model, which calls a tool once and is done.
 *
 * @implements {Model}
 */
export class ScriptedModel {
  /** @type {unknown} What the tool has answered. */
  told;
  #calls = 0;

  /**
   * @param {string} name of the tool
   * @param {object} args
   */
  constructor(name, args) {
    this.name = name;
    this.args = args;
  }

  /**
   * @param {import('@openai/agents').ModelRequest} request
   * @returns {Promise<import('@openai/agents').ModelResponse>}
   */
  async getResponse({ input }) {
    const [last] = Array.isArray(input) ? input.slice(-1) : [];
    if (this.#calls++ > 0) this.told = Object(Object(last).output).text;
    const call = { callId: 'call-1', name: this.name, arguments: JSON.stringify(this.args) };
    const done = { role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'done' }] };
    return {
      usage: new Usage(),
      output: [
        this.#calls === 1
          ? { type: 'function_call', status: 'completed', ...call }
          : /** @type {import('@openai/agents').AgentOutputItem} */ ({ type: 'message', ...done }),
      ],
    };
  }

  /** @returns {AsyncIterable<never>} */
  getStreamedResponse() {
    throw new Error('nobody streams here');
  }
}
