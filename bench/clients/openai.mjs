// A session of OpenAI's client for JavaScript with `jformers serve`; ends with exit code 1 if anything is not as it should be.
// URL and KEY say where and by which key, CHAT and VECTORS which models.
import assert from "node:assert/strict";
import OpenAI from "openai";

const {URL: baseURL, KEY: apiKey, CHAT: chat, VECTORS: vectors} = process.env;
const client = new OpenAI({baseURL: `${baseURL}/v1`, apiKey, maxRetries: 0});
const messages = [{role: "system", content: "Be brief."}, {role: "user", content: "What is a volcano?"}];
const usual = {model: chat, messages, max_completion_tokens: 16, seed: 1};

async function refused(type, status, work) {
    await assert.rejects(work, error => error instanceof type && error.status === status && error.message.length > 5);
}

const session = {
    async models() {
        const ids = [];
        for await (const model of client.models.list()) {
            ids.push(model.id);
        }
        assert.ok(ids.includes(chat) && ids.includes(vectors));
        assert.equal((await client.models.retrieve(chat)).id, chat);
    },
    async chat() {
        const answer = await client.chat.completions.create(usual);
        assert.equal(answer.choices[0].message.role, "assistant");
        assert.ok(["stop", "length"].includes(answer.choices[0].finish_reason));
        assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
    },
    async streaming() {
        const whole = await client.chat.completions.create(usual);
        let text = "", usage;
        for await (const chunk of await client.chat.completions.create(
                {...usual, stream: true, stream_options: {include_usage: true}})) {
            text += chunk.choices[0]?.delta?.content ?? "";
            usage = chunk.usage ?? usage;
        }
        assert.equal(text, whole.choices[0].message.content);
        assert.deepEqual(usage, whole.usage);
        const helped = await client.chat.completions.stream(usual).finalChatCompletion();
        assert.equal(helped.choices[0].message.content, text);
    },
    async choicesStopsAndScores() {
        const answer = await client.chat.completions.create(
            {...usual, n: 3, logprobs: true, top_logprobs: 2, stop: ["\n"], temperature: 0.8, presence_penalty: 0.5});
        assert.equal(answer.choices.length, 3);
        for (const choice of answer.choices) {
            assert.ok(!choice.message.content.includes("\n"));
            assert.ok(choice.logprobs.content.every(token => token.logprob <= 0 && token.top_logprobs.length === 2));
        }
    },
    async tools() {
        const tools = [{type: "function", function: {name: "weather", description: "of a place",
            parameters: {type: "object", properties: {place: {type: "string"}}}}}];
        const answer = await client.chat.completions.create({...usual, tools});
        assert.ok(answer.choices[0].message.content !== undefined);
        const call = {id: "call_1", type: "function", function: {name: "weather", arguments: "{\"place\": \"Etna\"}"}};
        const after = await client.chat.completions.create({...usual, tools, messages: [...messages,
            {role: "assistant", content: null, tool_calls: [call]},
            {role: "tool", tool_call_id: "call_1", content: "{\"sky\": \"clear\"}"}]});
        assert.ok(after.usage.prompt_tokens > answer.usage.prompt_tokens);
        await refused(OpenAI.BadRequestError, 400, () => client.chat.completions.create({...usual, tools, tool_choice: "required"}));
    },
    async completions() {
        const answer = await client.completions.create({model: chat, prompt: "A volcano is", max_tokens: 8, seed: 2});
        let text = "";
        for await (const chunk of await client.completions.create(
                {model: chat, prompt: "A volcano is", max_tokens: 8, seed: 2, stream: true})) {
            text += chunk.choices[0].text;
        }
        assert.equal(text, answer.choices[0].text);
    },
    async responses() {
        const asked = {model: chat, instructions: "Be brief.", input: "What is a volcano?", max_output_tokens: 16, temperature: 0};
        const answer = await client.responses.create(asked);
        assert.ok(answer.output_text.length > 0);
        const types = new Set();
        let text = "";
        for await (const event of await client.responses.create({...asked, stream: true})) {
            types.add(event.type);
            text += event.type === "response.output_text.delta" ? event.delta : "";
        }
        assert.equal(text, answer.output_text);
        assert.ok(types.has("response.created") && (types.has("response.completed") || types.has("response.incomplete")));
    },
    async embeddings() {
        const input = ["A volcano is a mountain.", "a"];
        const packed = await client.embeddings.create({model: vectors, input}); // asks for base64
        const plain = await client.embeddings.create({model: vectors, input, encoding_format: "float"});
        assert.equal(packed.data.length, 2);
        packed.data[0].embedding.forEach((x, i) => assert.ok(Math.abs(x - plain.data[0].embedding[i]) < 1e-6));
    },
    async errors() {
        await refused(OpenAI.NotFoundError, 404, () => client.chat.completions.create({...usual, model: "none"}));
        await refused(OpenAI.BadRequestError, 400, () => client.chat.completions.create({...usual, unheard_of: 1}));
        await refused(OpenAI.BadRequestError, 400, () => client.chat.completions.create({...usual, temperature: 3}));
        await refused(OpenAI.AuthenticationError, 401,
            () => new OpenAI({baseURL: `${baseURL}/v1`, apiKey: "wrong", maxRetries: 0}).models.list());
    },
    async aborts() {
        const stream = await client.chat.completions.create({...usual, max_completion_tokens: 1000, stream: true, temperature: 0});
        for await (const chunk of stream) {
            assert.ok(chunk.id);
            stream.controller.abort();
        }
        const controller = new AbortController();
        setTimeout(() => controller.abort(), 50);
        await assert.rejects(() => client.chat.completions.create(
            {...usual, max_completion_tokens: 1000, temperature: 0}, {signal: controller.signal}), OpenAI.APIUserAbortError);
        await new Promise(done => setTimeout(done, 300));
        const metrics = await (await fetch(`${baseURL}/metrics`, {headers: {authorization: `Bearer ${apiKey}`}})).text();
        assert.match(metrics, new RegExp(`jformers_requests_working\\{model="${chat}"\\} 0`));
        assert.match(metrics, /status="499"/);
    }
};

for (const [name, steps] of Object.entries(session)) {
    await steps();
    console.log(`ok ${name}`);
}
