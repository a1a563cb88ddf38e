// Write With Transformer: a text, and three ways to go on at the caret.

import { ApiError, byId, call, fillModels, keep, keepSettings, load, make, say, showValues, stream } from './common.js';
import { changed, whole, wholeWords } from './spans.js';

const DRAFT = 'jformers.write.draft';
const SETTINGS = 'jformers.write.settings';
const CHOICES = 3;
/** Characters before the caret that count. The prompt begins at a multiple of a part of them: alike, as one writes on. */
const MOST_CONTEXT = 8000;
const REMEMBERED = 100;

const text = byId('text');
const list = byId('suggestions');
let spans = [];
/** Spans of texts that were, for undo and redo. */
const versions = new Map();
let origin = 'typed';
let saved = { id: '', revision: 0 };
let unsaved = false;
let context = MOST_CONTEXT;
/** What is asked for at the moment. */
let request = null;
let suggestions = [];
let chosen = 0;
let leaves = false;

// ---- the text -------------------------------------------------------------------------------------------------------

function draw() {
  const caret = make('span', { id: 'caret' });
  const nodes = [];
  let at = 0;
  for (const span of spans) {
    const piece = span.origin === 'generated' ? make('mark') : make('span');
    const cut = text.selectionStart - at;
    if (cut >= 0 && cut < span.text.length) {
      piece.append(span.text.slice(0, cut), caret, span.text.slice(cut));
    } else {
      piece.append(span.text);
    }
    nodes.push(piece);
    at += span.text.length;
  }
  if (text.selectionStart >= at) {
    nodes.push(caret);
  }
  byId('behind').replaceChildren(...nodes, '\u200b'); // the last line is there even if it is empty
}

function remember() {
  versions.delete(text.value);
  versions.set(text.value, spans);
  if (versions.size > REMEMBERED) {
    versions.delete(versions.keys().next().value);
  }
}

function setDocument(given) {
  spans = given.spans;
  text.value = whole(spans);
  byId('title').value = given.title;
  versions.clear();
  remember();
  draw();
  showTitle();
}

function showTitle() {
  const title = byId('title').value.trim();
  document.title = (title ? `${title} – ` : '') + 'Write With Transformer';
}

function touched() {
  unsaved = true;
  keep(DRAFT, { title: byId('title').value, spans, saved });
  showTitle();
}

text.addEventListener('input', event => {
  const undoes = event.inputType?.startsWith('history');
  const known = undoes ? versions.get(text.value) : undefined;
  spans = known ?? changed(spans, text.value, origin, text.selectionEnd);
  remember();
  draw();
  touched();
  dismiss();
});

byId('title').addEventListener('input', touched);

// ---- suggestions ----------------------------------------------------------------------------------------------------

function dismiss() {
  request?.abort();
  request = null;
  const had = suggestions.length > 0;
  suggestions = [];
  list.hidden = true;
  list.replaceChildren();
  text.removeAttribute('aria-activedescendant');
  text.removeAttribute('aria-controls');
  return had;
}

function show(words) {
  suggestions = words;
  chosen = Math.min(chosen, Math.max(0, words.length - 1));
  list.replaceChildren(...words.map((word, index) => {
    const option = make('li', { id: `suggestion-${index}`, textContent: word.trim() });
    option.setAttribute('role', 'option');
    option.addEventListener('mousedown', event => event.preventDefault()); // the caret stays in the text
    option.addEventListener('click', () => insert(index));
    return option;
  }));
  list.hidden = words.length === 0;
  if (words.length > 0) {
    place();
    text.setAttribute('aria-controls', 'suggestions');
    choose(chosen);
  }
}

/** Below the caret, within the sheet. */
function place() {
  draw();
  const sheet = byId('sheet').getBoundingClientRect();
  const caret = byId('caret').getBoundingClientRect();
  const left = Math.min(caret.left - sheet.left, sheet.width - list.offsetWidth);
  list.style.left = `${Math.max(0, left)}px`;
  list.style.top = `${caret.bottom - sheet.top + 4}px`;
  list.scrollIntoView({ block: 'nearest' });
}

function choose(index) {
  chosen = (index + suggestions.length) % suggestions.length;
  [...list.children].forEach((option, each) => option.setAttribute('aria-selected', String(each === chosen)));
  text.setAttribute('aria-activedescendant', `suggestion-${chosen}`);
}

function insert(index) {
  const words = suggestions[index];
  dismiss();
  text.focus();
  origin = 'generated';
  try {
    // The only way in that undo knows of.
    if (!document.execCommand('insertText', false, words)) {
      text.setRangeText(words, text.selectionStart, text.selectionEnd, 'end');
      text.dispatchEvent(new InputEvent('input', { inputType: 'insertText' }));
    }
  } finally {
    origin = 'typed';
  }
  say('Inserted.');
}

/** The text before the caret that the model is to go on with. */
function prompt() {
  const end = text.selectionStart;
  const part = Math.max(1, Math.floor(context / 4));
  const start = end <= context ? 0 : Math.ceil((end - context) / part) * part;
  return text.value.slice(start, end);
}

/** Streams until all is there, the time is over or one types on; returns what came. */
async function ask(controller) {
  const answers = Array.from({ length: CHOICES }, () => ({ text: '', ended: false }));
  for (;;) {
    const before = prompt().replace(/ +$/, ''); // models know words with the space before them
    const timer = setTimeout(() => controller.abort('time'), Number(byId('budget').value) * 1000);
    try {
      await stream('/v1/completions', {
        model: byId('model').value,
        prompt: before,
        n: CHOICES,
        max_tokens: Number(byId('length').value),
        temperature: Number(byId('temperature').value),
        top_p: Number(byId('top-p').value)
      }, controller.signal, event => {
        for (const choice of event.choices) {
          const answer = answers[choice.index];
          answer.text += choice.text;
          answer.ended ||= choice.finish_reason === 'stop';
        }
        if (request === controller) {
          show(words(answers));
        }
      });
      return answers;
    } catch (error) {
      if (controller.signal.reason === 'time') {
        return answers;
      }
      if (error instanceof ApiError && error.code === 'context_length_exceeded' && before.length > 1) {
        context = Math.max(1, Math.floor(before.length / 2));
        continue;
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function words(answers) {
  const spaced = /\s$/.test(text.value.slice(0, text.selectionStart));
  const all = answers.map(answer => wholeWords(answer.text, answer.ended)).filter(words => words.trim());
  return [...new Set(all.map(words => spaced ? words.trimStart() : words))];
}

async function suggest() {
  dismiss();
  if (!text.value.slice(0, text.selectionStart).trim()) {
    say('Write some words first: suggestions go on from the text before the caret.');
    return;
  }
  text.selectionStart = text.selectionEnd;
  const controller = new AbortController();
  request = controller;
  chosen = 0;
  say('Suggestions are being written …');
  try {
    const answers = await ask(controller);
    if (request === controller) {
      const found = words(answers);
      show(found);
      say(found.length === 0 ? 'Nothing came in time. More time or length may help.'
        : `${found.length} ${found.length === 1 ? 'suggestion' : 'suggestions'}. Arrows choose, Enter inserts.`);
    }
  } catch (error) {
    if (request === controller) {
      dismiss();
      say(error.message, true);
    }
  } finally {
    if (request === controller) {
      request = null;
    }
  }
}

text.addEventListener('keydown', event => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const open = suggestions.length > 0;
  if (event.key === 'Tab' && !event.shiftKey && !leaves) {
    event.preventDefault();
    suggest();
  } else if (event.key === 'Escape') {
    leaves = !open && !request;
    say(leaves ? 'Tab leaves the text now.' : 'Dismissed.');
    dismiss();
    event.preventDefault();
    return;
  } else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    event.preventDefault();
    choose(chosen + (event.key === 'ArrowDown' ? 1 : -1));
  } else if (open && event.key === 'Enter') {
    event.preventDefault();
    insert(chosen);
  } else if (['ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown'].includes(event.key)) {
    dismiss();
  }
  if (event.key !== 'Shift') {
    leaves = false;
  }
});

text.addEventListener('mousedown', dismiss);
text.addEventListener('blur', () => {
  leaves = false;
  dismiss();
});
addEventListener('resize', () => suggestions.length > 0 && place());
byId('suggest').addEventListener('click', () => {
  text.focus();
  suggest();
});

// ---- documents ------------------------------------------------------------------------------------------------------

function showLink() {
  byId('link').hidden = !saved.id;
  byId('address').href = `#${saved.id}`;
}

async function save() {
  dismiss();
  byId('save').disabled = true;
  const content = { title: byId('title').value, model: byId('model').value, spans };
  const sent = text.value;
  try {
    const answer = await call(saved.id ? 'PUT' : 'POST', saved.id ? `/documents/${saved.id}` : '/documents',
      saved.id ? { ...content, revision: saved.revision } : content);
    const kept = await answer.json();
    saved = { id: kept.id, revision: kept.revision };
    // The id stands where browsers keep it to themselves.
    history.replaceState(null, '', `#${saved.id}`);
    unsaved = text.value !== sent;
    keep(DRAFT, { title: byId('title').value, spans, saved });
    showLink();
    say('Saved. The link leads to this document.');
  } catch (error) {
    say(error.code === 'unknown_url' ? 'This server keeps no documents.'
      : error.code === 'document_changed'
        ? 'Somebody else has changed it since. Reload to see that; "New" and "Save" keep yours beside it.'
        : error.message, true);
  } finally {
    byId('save').disabled = false;
  }
}

async function open(id) {
  try {
    const kept = await (await call('GET', `/documents/${encodeURIComponent(id)}`)).json();
    saved = { id: kept.id, revision: kept.revision };
    setDocument(kept);
    unsaved = false;
    say('Opened.');
    return kept.model;
  } catch (error) {
    saved = { id: '', revision: 0 };
    say(error.code === 'document_not_found' ? 'There is no document of this link.' : error.message, true);
    return '';
  } finally {
    showLink();
  }
}

byId('save').addEventListener('click', save);
addEventListener('keydown', event => {
  if ((event.ctrlKey || event.metaKey) && event.key === 's') {
    event.preventDefault();
    save();
  }
});
byId('new').addEventListener('click', () => {
  // The text stays: saved, it is another document. An empty one begins where the old one was saved.
  dismiss();
  if (!unsaved) {
    setDocument({ title: '', spans: [] });
  }
  saved = { id: '', revision: 0 };
  history.replaceState(null, '', location.pathname + location.search);
  keep(DRAFT, { title: byId('title').value, spans, saved });
  showLink();
  text.focus();
  say(text.value ? 'This is a copy now, not saved yet.' : 'A new document.');
});
byId('copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(byId('address').href);
    say('The link is copied.');
  } catch {
    say('This browser does not let the link be copied; copy the address of the page.', true);
  }
});
addEventListener('hashchange', () => {
  const id = location.hash.slice(1);
  if (id && id !== saved.id) {
    open(id);
  }
});
addEventListener('beforeunload', event => {
  if (unsaved && saved.id) {
    event.preventDefault();
  }
});

// ---- the beginning --------------------------------------------------------------------------------------------------

async function begin() {
  keepSettings(SETTINGS, ['length', 'temperature', 'top-p', 'budget']);
  showValues();
  const id = location.hash.slice(1);
  const draft = load(DRAFT, null);
  let wanted = new URLSearchParams(location.search).get('model');
  if (id) {
    const model = await open(id);
    wanted ??= model;
  } else if (draft && !draft.saved?.id) {
    setDocument(draft);
    unsaved = whole(spans) !== '';
  } else {
    draw();
  }
  try {
    const names = await fillModels(byId('model'), wanted);
    if (names.length === 0) {
      say('This server serves no model that writes texts.', true);
    }
  } catch (error) {
    say(error.message, true);
  }
}

begin();
