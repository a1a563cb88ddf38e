// Makes folders of tiny Llamas that write whole words at random, so that a page has something to show.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SPECIAL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];
export const WORDS = ('the a of and to in on with its over under near slow red old deep quiet bright dark river '
  + 'volcano mountain island valley fire ash snow cloud rain stone bird forest night morning sea wind rises falls sleeps burns grows '
  + 'moves shines turns rests waits carries covers keeps finds makes leaves , .').split(' ');
const TEMPLATE = `{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`;

/** The characters of byte-level tokenizers, by byte. */
function byteCharacters() {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const shown = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCharCode(shown ? byte : next++);
  });
}

/** Numbers of a normal distribution that are the same each time; some thousand do for a model that knows nothing. */
function normal(seed) {
  let state = seed;
  const uniform = () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return (state + 0.5) / 2 ** 32;
  };
  const table = Float32Array.from({ length: 9973 },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
  let next = 0;
  return () => table[next = (next + 1) % table.length];
}

/** The first number of each embedding is large, and so it is behind the last norm: as good as a bias for the head. */
function weights(size, vocabulary, bias) {
  const draw = normal(7);
  const { width, layers, inner, keys } = size;
  const parts = [];
  const add = (name, shape, value) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b));
    for (let index = 0; index < data.length; index++) {
      data[index] = value(index);
    }
    parts.push({ name, shape, data });
  };
  const small = () => draw() * 0.02;
  add('model.embed_tokens.weight', [vocabulary, width], index => index % width === 0 ? 4 : draw());
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}.`;
    add(`${at}input_layernorm.weight`, [width], () => 1);
    add(`${at}post_attention_layernorm.weight`, [width], () => 1);
    add(`${at}self_attn.q_proj.weight`, [width, width], small);
    add(`${at}self_attn.k_proj.weight`, [keys, width], small);
    add(`${at}self_attn.v_proj.weight`, [keys, width], small);
    add(`${at}self_attn.o_proj.weight`, [width, width], small);
    add(`${at}mlp.gate_proj.weight`, [inner, width], small);
    add(`${at}mlp.up_proj.weight`, [inner, width], small);
    add(`${at}mlp.down_proj.weight`, [width, inner], small);
  }
  add('model.norm.weight', [width], () => 1);
  add('lm_head.weight', [vocabulary, width],
    index => index % width === 0 ? bias(Math.floor(index / width)) : draw() / Math.sqrt(width));
  return parts;
}

function safetensors(parts) {
  let offset = 0;
  const header = {};
  for (const { name, shape, data } of parts) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset += data.byteLength] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts.map(part => Buffer.from(part.data.buffer))]);
}

/** Writes a model; one that ends its answers does so after a dozen words. */
export function writeModel(folder, { ends, width = 32, layers = 2 }) {
  const vocabulary = [...SPECIAL, ...byteCharacters(),
    ...WORDS.map(word => /\w/.test(word) ? `Ġ${word}` : ` ${word}`.trim())]
    .filter((word, index, all) => all.indexOf(word) === index);
  const written = new Set(WORDS.map(word => /\w/.test(word) ? `Ġ${word}` : word));
  const ending = vocabulary.indexOf('<|im_end|>');
  const bias = id => id === ending ? (ends ? 0.5 : -20) : written.has(vocabulary[id]) ? 0 : -20;
  const inner = width * 2;
  mkdirSync(folder, { recursive: true });
  const write = (name, value) => writeFileSync(join(folder, name), JSON.stringify(value));
  write('config.json', {
    model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: vocabulary.length, hidden_size: width,
    intermediate_size: inner, num_hidden_layers: layers, num_attention_heads: 4, num_key_value_heads: 2,
    max_position_embeddings: 4096, rms_norm_eps: 1e-5, tie_word_embeddings: false, hidden_act: 'silu',
    eos_token_id: ending, torch_dtype: 'float32'
  });
  write('generation_config.json', { do_sample: true, eos_token_id: ending });
  write('tokenizer_config.json', { tokenizer_class: 'PreTrainedTokenizerFast', eos_token: '<|im_end|>' });
  write('tokenizer.json', {
    version: '1.0', truncation: null, padding: null,
    added_tokens: SPECIAL.map((content, id) => ({
      id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null,
      fuse_unk: false, byte_fallback: false, ignore_merges: true,
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])), merges: []
    }
  });
  writeFileSync(join(folder, 'chat_template.jinja'), TEMPLATE);
  writeFileSync(join(folder, 'model.safetensors'),
    safetensors(weights({ width, layers, inner, keys: width / 2 }, vocabulary.length, bias)));
  return folder;
}
