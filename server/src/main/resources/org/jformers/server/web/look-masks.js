// Masks: presets and those of a model, with their numbers as fields; the engine draws them.

import { byId, call, make, say } from './common.js';
import { HeatMap, table, unfolding } from './heat.js';

const mask = (type, numbers = {}) => ({ type: `nn.mask.${type}`, ...numbers });
const both = (first, second) => mask('BothMask', { first, second });
const either = (first, second) => mask('EitherMask', { first, second });
const causal = mask('CausalMask');
const DELAY_MS = 150;

/** Names and masks; each number of a mask becomes a field. */
const PRESETS = [
  ['Causal: itself and what is before', causal],
  ['Both sides: everything', mask('FullMask')],
  ['Causal window: the most recent ones', both(causal, mask('SlidingWindowMask', { window: 4 }))],
  ['Window on both sides', mask('TwoSidedWindowMask', { reach: 3 })],
  ['Prefix: seen by all, causal behind it', mask('PrefixMask', { prefix: 5 })],
  ['Segments: only the own one', mask('DocumentMask', { lengths: [5, 3, 6] })],
  ['Segments, causal', both(causal, mask('DocumentMask', { lengths: [5, 3, 6] }))],
  ['Strided, causal',
    both(causal, either(mask('SlidingWindowMask', { window: 5 }), mask('StridedMask', { stride: 4 })))],
  ['Blocks and their ends, causal',
    both(causal, either(mask('BlockMask', { length: 4 }), mask('BlockEndMask', { length: 4, last: 1 })))],
  ['Another order than left to right', mask('PermutationMask', {
    order: [3, 0, 2, 5, 1, 7, 4, 6, 10, 8, 15, 9, 12, 14, 11, 13], stream: 'CONTENT'
  })],
  ['Both sides, padding sees nothing', mask('MutualMask')]
];

/** Numbers, lists and names within a mask, with what changes them. */
function parts(node, found = []) {
  for (const [key, value] of Object.entries(node)) {
    if (Number.isInteger(value) || Array.isArray(value) || (typeof value === 'string' && key !== 'type')) {
      found.push({ node, key, value });
    } else if (value && typeof value === 'object') {
      parts(value, found);
    }
  }
  return found;
}

/** The name of a mask. */
const title = node => node.type.replace(/^nn\.mask\.|Mask$/g, '').replace(/(?<=[a-z])(?=[A-Z])/g, ' ');

/** A mask in a few words. */
function words(node) {
  const name = title(node).toLowerCase();
  if (node.first) {
    return `${words(node.first)} ${name === 'both' ? 'and' : 'or'} ${words(node.second)}`;
  }
  const numbers = parts(node).map(part => [].concat(part.value).join(' '));
  return [name, ...numbers].join(' ');
}

/** The part of the page about masks: draw() when it is seen, of(model) for those of a model. */
export function masksOf() {
  let current = structuredClone(PRESETS[0][1]);
  let own = [];
  let timer = 0;
  let request = null;
  let pattern = null;
  const heat = new HeatMap(byId('pattern'), (row, column, value) => {
    byId('pattern-cell').textContent = `Token ${row + 1} ${value ? 'sees' : 'does not see'} token ${column + 1}. `
      + `It sees ${pattern[row].reduce((a, b) => a + b, 0)} of ${pattern.length}.`;
  });

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(draw, DELAY_MS);
  };

  function fields() {
    byId('mask-fields').replaceChildren(...parts(current).map(({ node, key, value }, index) => {
      const input = Number.isInteger(value)
        ? make('input', { type: 'number', min: 0, max: 512, value })
        : make('input', { type: 'text', value: [].concat(value).join(' ') });
      input.id = `mask-${key}-${index}`;
      input.addEventListener('input', () => {
        node[key] = Number.isInteger(value) ? Number(input.value)
          : Array.isArray(value) ? input.value.split(/[\s,]+/).filter(Boolean).map(Number) : input.value;
        json();
        later();
      });
      return make('label', { className: 'field', htmlFor: input.id },
        make('span', { className: 'name', textContent: `${title(node)}: ${key}` }), input);
    }));
  }

  function json() {
    byId('mask-json').value = JSON.stringify(current, null, 2);
  }

  function choose() {
    const [group, index] = byId('mask').value.split('-');
    current = structuredClone(group === 'own' ? own[index].mask : PRESETS[index][1]);
    byId('mask-places').textContent = group === 'own'
      ? `Of ${own[index].places.length} ${own[index].places.length === 1 ? 'place' : 'places'} in the model: `
        + `${own[index].places.slice(0, 4).join(', ')}${own[index].places.length > 4 ? ' …' : ''}` : '';
    fields();
    json();
    later();
  }

  function list(model) {
    const group = (label, options) => make('optgroup', { label }, ...options.map(([value, textContent]) =>
      make('option', { value, textContent })));
    byId('mask').replaceChildren(
      ...own.length === 0 ? [] : [group(`Of ${model}`, own.map((each, index) => [`own-${index}`, words(each.mask)]))],
      group('Any', PRESETS.map(([name], index) => [`any-${index}`, name])));
    choose();
  }

  async function draw() {
    if (byId('masks').hidden) {
      return;
    }
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    const length = Number(byId('length').value);
    const padding = Math.min(length - 1, Number(byId('padding').value));
    try {
      const answer = await call('POST', '/look/mask', {
        mask: current, attention_mask: Array.from({ length }, (_, place) => place < padding ? 0 : 1)
      }, signal);
      show((await answer.json()).pattern, padding);
      say('');
    } catch (error) {
      if (!signal.aborted) {
        say(error.message, true);
      }
    }
  }

  function show(rows, padding) {
    pattern = rows.map(row => [...row].map(Number));
    const names = pattern.map((_, place) => place < padding ? 'pad' : String(place + 1));
    heat.show(pattern, names, names, 1);
    heat.choose(heat.row, heat.column);
    unfolding(byId('pattern-table'), () => table(['Query', 'Keys that it sees'], pattern.map((row, place) =>
      [names[place], ranges(row) || 'none'])));
  }

  byId('mask').addEventListener('change', choose);
  byId('length').addEventListener('input', later);
  byId('padding').addEventListener('input', later);
  byId('mask-json').addEventListener('input', () => {
    try {
      const next = JSON.parse(byId('mask-json').value);
      if (typeof next?.type !== 'string') {
        throw new Error('a mask is an object with its type');
      }
      current = next;
      fields();
      later();
    } catch (error) {
      say(`mask: is no JSON of a mask: ${error.message}`, true);
    }
  });
  list('');
  return {
    draw,
    async of(model) {
      own = [];
      try {
        own = (await (await call('POST', '/look/masks', { model })).json()).masks;
      } finally {
        list(model);
      }
    }
  };
}

/** Places that are seen, as ranges. */
function ranges(row) {
  const found = [];
  for (let from = 0; from < row.length; from++) {
    if (row[from]) {
      let to = from;
      while (row[to + 1]) {
        to++;
      }
      found.push(from === to ? `${from + 1}` : `${from + 1}–${to + 1}`);
      from = to;
    }
  }
  return found.join(', ');
}
