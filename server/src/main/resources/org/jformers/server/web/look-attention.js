// The attention of a text: small maps of all heads, one of them large, and what one token looks at.

import { byId, call, make, say } from './common.js';
import { HeatMap, Strip, bars, percent, table, thumbnail, unfolding, visible } from './heat.js';

const MEAN = -1;
const SMALLEST = 36;
const LARGEST = 72;
/** Room of the small maps, and of what stands around each. */
const ROOM = 416;
const AROUND = 16;
/** Rows and columns of a table that somebody may read. */
const MOST_CELLS = 64;
const MOST_LOOKS = 10;

let view = null;
/** Layer and head of each small map, in order. */
let places = [];
let chosen = 0;
/** Maps that came, by layer and head. */
let maps = new Map();
let request = null;
let weights = null;

const heat = new HeatMap(byId('map'), (row, column, value) => {
  byId('map-cell').textContent = `${name(row)} looks at ${name(column)}: ${percent(value)}`;
  strip.choose(row, false);
  showLooks();
});
const strip = new Strip(byId('attention-strip'), 'Tokens that look', row => {
  heat.choose(row, heat.column);
});

const name = index => `${visible(view.tokens[index])} (${index + 1})`;
const headName = ([layer, head]) => `Layer ${layer + 1}, ${head === MEAN ? 'mean of all heads' : `head ${head + 1}`}`;

/** Shows the attention of another text or model. */
export function showAttention(next) {
  view = next;
  maps = new Map();
  const none = view.maps.length === 0;
  document.querySelector('.attention').hidden = none;
  byId('attention-hint').textContent = none ? 'This model has no attention weights to show.'
    : 'Each row is a token that looks, each column one that is looked at. Choose a layer and a head with the arrows or '
      + 'by a click.';
  if (none) {
    return;
  }
  places = view.maps.flatMap((heads, layer) => [[layer, MEAN], ...heads.map((_, head) => [layer, head])]);
  const list = byId('heads');
  const across = Math.max(...view.maps.map(heads => heads.length)) + 1;
  const size = Math.max(SMALLEST, Math.min(LARGEST, Math.floor(ROOM / across) - AROUND));
  list.style.setProperty('--heads', across);
  list.replaceChildren(...places.map((place, index) => small(place, index, size)));
  strip.show(view.tokens);
  choose(Math.min(chosen, places.length - 1));
}

function small([layer, head], index, size) {
  const values = head === MEAN ? mean(view.maps[layer]) : view.maps[layer][head];
  const canvas = make('canvas');
  canvas.setAttribute('aria-hidden', 'true');
  thumbnail(canvas, values, size);
  const label = head === MEAN ? 'all' : `${layer + 1}.${head + 1}`;
  const option = make('div', { id: `head-${index}`, className: head === MEAN ? 'first' : '' }, canvas,
    make('span', { textContent: label }));
  option.setAttribute('role', 'option');
  option.setAttribute('aria-label', headName([layer, head]));
  option.addEventListener('click', () => choose(index));
  return option;
}

function mean(heads) {
  return heads[0].map((row, y) => row.map((_, x) => heads.reduce((sum, head) => sum + head[y][x], 0) / heads.length));
}

async function choose(index) {
  chosen = index;
  [...byId('heads').children].forEach((option, each) =>
    option.setAttribute('aria-selected', String(each === chosen)));
  byId('heads').setAttribute('aria-activedescendant', `head-${chosen}`);
  if (document.activeElement === byId('heads')) {
    byId(`head-${chosen}`).scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  const place = places[chosen];
  const key = place.join();
  if (!maps.has(key)) {
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    try {
      const answer = await call('POST', '/look/attention',
        { ...view.asked, layer: place[0], ...place[1] === MEAN ? {} : { head: place[1] } }, signal);
      maps.set(key, (await answer.json()).weights);
    } catch (error) {
      if (!signal.aborted) {
        say(error.message, true);
      }
      return;
    }
  }
  if (places[chosen].join() === key) {
    show(place, maps.get(key));
  }
}

function show(place, next) {
  weights = next;
  const most = weights.reduce((all, row) => row.reduce((a, b) => Math.max(a, b), all), 0);
  byId('head-title').textContent = headName(place);
  byId('map').setAttribute('aria-label', `Attention, ${headName(place)}`);
  byId('map-most').textContent = percent(most);
  const names = view.tokens.map(visible);
  heat.show(weights, names, names, most);
  heat.choose(heat.row, heat.column);
  unfolding(byId('map-table'), () => weights.length > MOST_CELLS
    ? make('p', { textContent: `A table has room for ${MOST_CELLS} tokens; the list above shows one token at a time.` })
    : table(['', ...names], weights.map((row, y) => [names[y], ...row.map(value => value.toFixed(3))])));
}

/** What the chosen token looks at: marked in the text, and as a list. */
function showLooks() {
  const row = weights[heat.row];
  const most = Math.max(...row);
  strip.heat(row.map(value => Math.sqrt(value / most)));
  byId('looks-title').replaceChildren('What ',
    make('span', { className: 'token', textContent: visible(view.tokens[heat.row]) }), ` (${heat.row + 1}) looks at`);
  const best = row.map((value, index) => ({ value, index })).sort((a, b) => b.value - a.value)
    .slice(0, MOST_LOOKS).filter(one => one.value > 0);
  byId('looks').replaceChildren(bars(best.map(one => ({
    name: visible(view.tokens[one.index]), share: one.value, value: percent(one.value)
  })), ['Token', 'Share', 'Weight']));
}

byId('heads').addEventListener('keydown', event => {
  const across = view ? view.maps[places[chosen][0]].length + 1 : 1;
  const to = {
    ArrowRight: chosen + 1, ArrowLeft: chosen - 1, ArrowDown: chosen + across, ArrowUp: chosen - across, Home: 0,
    End: places.length - 1
  }[event.key];
  if (to !== undefined && view) {
    event.preventDefault();
    choose(Math.max(0, Math.min(places.length - 1, to)));
  }
});
