// Look inside: tokens, predictions, attention and states of a text in a model, and masks.

import { byId, call, fillModels, keepSettings, load, make, say, showValues } from './common.js';
import { Strip, bars, percent, table, unfolding, visible } from './heat.js';
import { showAttention } from './look-attention.js';
import { masksOf } from './look-masks.js';
import { tabs } from './tabs.js';

const SETTINGS = 'jformers.look.settings';
const ALTERNATIVES = 8;
const NEAR = 8;
/** Images and recordings are no texts. */
const OTHERS = /image|speech|audio/;

/** What is shown. */
let view = null;
let request = null;
const shown = new Set();

const tokens = new Strip(byId('token-strip'), 'Tokens of the text', showToken);
const states = new Strip(byId('state-strip'), 'Tokens of the text', () => showNear());

// ---- tokens ---------------------------------------------------------------------------------------------------------

/** What was said of a token where it was predicted. */
function actual(index) {
  return (view.predicts === 'next' ? view.predictions[index - 1] : view.predictions[index])?.actual;
}

function showTokens() {
  const hints = {
    next: 'The more color, the less likely the model held a token to be. Choose one to see what it predicts next.',
    own: 'The more color, the less likely the model holds a token to be. Choose one to see what else could be there.',
    nothing: 'This model predicts no tokens.'
  };
  byId('tokens-hint').textContent = `${view.tokens.length} tokens. ${hints[view.predicts]}`;
  byId('surprise-legend').hidden = view.predicts === 'nothing';
  tokens.show(view.tokens);
  tokens.heat(view.tokens.map((token, index) => {
    const told = actual(index);
    return told ? Math.min(1, -Math.log(Math.max(told.probability, 1e-6)) / 10) : 0;
  }));
  showToken(tokens.chosen);
  unfolding(byId('token-table'), () => table(
    ['Place', 'Token', 'Id', 'Characters', ...view.predicts === 'nothing' ? [] : ['Probability', 'Rank', 'Likeliest']],
    view.tokens.map((token, index) => {
      const told = actual(index);
      const place = view.predictions[view.predicts === 'next' ? index - 1 : index];
      return [index + 1, visible(token), token.id, characters(token), ...view.predicts === 'nothing' ? [] : [
        told ? percent(told.probability) : '–', told?.rank ?? '–', place ? visible(place.best[0]) : '–']];
    })));
}

const characters = token => token.special ? 'added' : `${token.start}–${token.end}`;

function facts(list) {
  return make('dl', { className: 'facts' }, ...list.flatMap(([name, value]) =>
    [make('dt', { textContent: name }), make('dd', { textContent: value })]));
}

function showToken(index) {
  const token = view.tokens[index];
  const told = actual(index);
  byId('token-facts').replaceChildren(
    make('h3', {}, 'Token ', make('span', { className: 'token', textContent: visible(token) })),
    facts([['Place', `${index + 1} of ${view.tokens.length}`], ['Id', token.id], ['In the vocabulary', token.token],
      ['Characters', characters(token)],
      ...told ? [['Probability', percent(told.probability)], ['Rank', told.rank]] : []]));
  const prediction = view.predictions[index];
  byId('token-choices').replaceChildren(...prediction ? choices(prediction, token) : []);
}

function choices(prediction, token) {
  const real = prediction.actual;
  const rows = prediction.best.map(choice => ({
    name: visible(choice), share: choice.probability, value: percent(choice.probability), marked: choice.id === real?.id
  }));
  if (real && !rows.some(row => row.marked)) {
    rows.push({ name: visible(real), share: real.probability, value: percent(real.probability), marked: true });
  }
  const title = view.predicts === 'next' ? 'Predicted behind it' : 'Predicted in its place';
  return [make('h3', { textContent: title }), bars(rows, ['Token', 'Share', 'Probability']),
    make('p', { className: 'hint', textContent: real
      ? `Marked: what the text has there${real.rank > prediction.best.length ? `, rank ${real.rank}` : ''}.`
      : 'Here the text is over.' })];
}

// ---- states ---------------------------------------------------------------------------------------------------------

const layerName = layer => layer === 0 ? 'embeddings' : `behind layer ${layer}`;

function showStates() {
  const slider = byId('layer');
  const last = view.neighbours.length - 1;
  slider.max = Math.max(0, last);
  slider.disabled = last < 1;
  states.show(view.tokens);
  showNear();
}

function showNear() {
  const layer = Number(byId('layer').value);
  byId('layer-name').textContent = layerName(layer);
  byId('layer').setAttribute('aria-valuetext', layerName(layer));
  const token = states.chosen;
  const near = view.neighbours[layer]?.[token] ?? [];
  const shares = view.tokens.map(() => 0);
  near.forEach(one => { shares[one.token] = Math.max(0.08, one.cosine); });
  states.heat(shares);
  byId('near').replaceChildren(
    make('h3', {}, 'Nearest to ', make('span', { className: 'token', textContent: visible(view.tokens[token]) }),
      `, ${layerName(layer)}`),
    near.length === 0 ? make('p', { className: 'hint', textContent: 'There is no other token.' })
      : bars(near.map(one => ({
        name: visible(view.tokens[one.token]), share: one.cosine, value: one.cosine.toFixed(3)
      })), ['Token', 'Share', 'Cosine']));
  const rows = view.neighbours.map((all, each) => [layerName(each),
    ...(all[token] ?? []).slice(0, 4).map(one => `${visible(view.tokens[one.token])} ${one.cosine.toFixed(2)}`)]);
  const most = Math.max(...rows.map(row => row.length)) - 1;
  byId('near-table').tabIndex = 0;
  byId('near-table').replaceChildren(make('h3', { textContent: 'By layer' }),
    table(['State', ...Array.from({ length: most }, (_, place) => `${place + 1}.`)], rows));
}

// ---- the text -------------------------------------------------------------------------------------------------------

/** A part of the page is filled when it is first seen, so that figures know their room. */
function showPart(name) {
  if (!view || shown.has(name)) {
    return;
  }
  shown.add(name);
  if (name === 'tokens') {
    showTokens();
  } else if (name === 'attention') {
    showAttention(view);
  } else if (name === 'states') {
    showStates();
  }
}

async function look() {
  request?.abort();
  const controller = new AbortController();
  request = controller;
  const asked = { model: byId('model').value, text: byId('text').value };
  say('Looking …');
  try {
    const answer = await call('POST', '/look', { ...asked, alternatives: ALTERNATIVES, neighbours: NEAR },
      controller.signal);
    view = { ...await answer.json(), asked };
    shown.clear();
    showPart(document.querySelector('[role=tab][aria-selected=true]').getAttribute('aria-controls'));
    say(`${view.tokens.length} tokens, ${view.maps.length} layers.`);
  } catch (error) {
    if (!controller.signal.aborted) {
      say(error.message, true);
    }
  }
}

byId('form').addEventListener('submit', event => {
  event.preventDefault();
  look();
});
byId('text').addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    look();
  }
});

async function begin() {
  keepSettings(SETTINGS, ['model', 'text']);
  showValues();
  byId('layer').addEventListener('input', () => view && showNear()); // names the layer, which has a plain value else
  const masks = masksOf();
  const choose = tabs(byId('tabs'), name => {
    showPart(name);
    if (name === 'masks') {
      masks.draw();
    }
  });
  choose(location.hash.slice(1));
  try {
    const wanted = new URLSearchParams(location.search).get('model') ?? load(SETTINGS, {}).model;
    const names = await fillModels(byId('model'), wanted, model => !OTHERS.test(model.task)
      && !model.id.slice(model.id.lastIndexOf('/') + 1).includes(':'));
    if (names.length === 0) {
      say('This server serves no model that reads texts.', true);
      return;
    }
    byId('model').addEventListener('change', () => {
      masks.of(byId('model').value).catch(error => say(error.message, true));
      look();
    });
    await Promise.all([masks.of(byId('model').value), look()]);
  } catch (error) {
    say(error.message, true);
  }
}

begin();
