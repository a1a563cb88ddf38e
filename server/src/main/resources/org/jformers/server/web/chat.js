// Chat: a conversation with a model, with versions of every message.

import { ApiError, byId, fillModels, keep, keepSettings, load, make, say, showValues, stream } from './common.js';
import { add, begun, isWhole, markdown, messages, parent, path, step, title, turned } from './conversation.js';

const KEPT = 'jformers.chat.conversations';
const OPEN = 'jformers.chat.open';
const SETTINGS = 'jformers.chat.settings';
const REPLIES = 3;
const REPLY_TOKENS = 60;

const newId = () => [...crypto.getRandomValues(new Uint8Array(8))].map(byte => byte.toString(16).padStart(2, '0')).join('');

let conversations = load(KEPT, []).filter(isWhole);
let current = conversations.find(each => each.id === load(OPEN, '')) ?? conversations[0] ?? begun(newId());
/** What is being answered at the moment. */
let request = null;

// ---- what is kept ---------------------------------------------------------------------------------------------------

function store() {
  conversations = [current, ...conversations.filter(each => each !== current)].filter(
    each => each.root.children.length > 0 || each.persona);
  keep(KEPT, conversations);
  keep(OPEN, current.id);
}

function list() {
  const all = conversations.includes(current) ? conversations : [current, ...conversations];
  byId('conversation').replaceChildren(...all.map(
    each => make('option', { value: each.id, textContent: title(each), selected: each === current })));
}

function open(conversation) {
  request?.abort();
  showReplies([]);
  current = conversation;
  byId('persona').value = current.persona;
  store();
  list();
  draw();
}

// ---- what is shown --------------------------------------------------------------------------------------------------

/** Reads out what is on the page already. */
function announce(text) {
  byId('spoken').textContent = text;
}

function button(id, text, label, work, disabled = false) {
  const made = make('button', { id, type: 'button', textContent: text, onclick: work, disabled });
  made.setAttribute('aria-label', label);
  return made;
}

/** One message with what can be done with it. */
function draw1(node, index) {
  const mine = node.role === 'user';
  const versions = parent(current, index).children;
  const which = versions.indexOf(node);
  const name = `message ${index + 1}`;
  const tools = make('div', { className: 'row tools' });
  const busy = request !== null;
  if (versions.length > 1) {
    tools.append(
      button(`earlier-${index}`, '‹', `Earlier version of ${name}`, () => move(index, -1), busy || which === 0),
      make('span', { textContent: `${which + 1} / ${versions.length}` }),
      button(`later-${index}`, '›', `Later version of ${name}`, () => move(index, 1),
        busy || which === versions.length - 1));
  }
  tools.append(mine
    ? button(`edit-${index}`, 'Edit', `Edit ${name}`, () => edit(node, index), busy)
    : button(`again-${index}`, 'Regenerate', `Regenerate ${name}`, () => answer(parent(current, index)), busy));
  if (mine && node.children.length === 0 && !busy) {
    tools.append(button(`ask-${index}`, 'Ask again', `Ask ${name} again`, () => answer(node)));
  }
  return make('li', { id: `message-${index}`, className: mine ? 'mine' : 'theirs' },
    make('h2', { textContent: mine ? 'You' : 'Model' }),
    make('p', { className: 'content', textContent: node.content }), tools);
}

function draw() {
  const focused = document.activeElement?.id;
  byId('messages').replaceChildren(...path(current).map(draw1));
  byId('stop').disabled = request === null;
  byId('send').disabled = request !== null;
  byId('suggest').disabled = request !== null || path(current).at(-1)?.role !== 'assistant';
  if (focused && document.activeElement?.id !== focused) {
    const again = byId(focused);
    (again && !again.disabled ? again : byId('message')).focus();
  }
}

function move(index, by) {
  showReplies([]);
  step(current, index, by);
  store();
  draw();
  const node = parent(current, index);
  announce(`Version ${node.shown + 1} of ${node.children.length}: ${node.children[node.shown].content}`);
}

function edit(node, index) {
  const field = make('textarea', { id: 'edited', className: 'box', value: node.content, rows: 3, maxLength: 100000 });
  field.setAttribute('aria-label', `New text of message ${index + 1}`);
  const back = () => {
    draw();
    byId(`edit-${index}`)?.focus();
  };
  const form = make('form', { className: 'composer' }, field, make('div', { className: 'row' },
    make('button', { type: 'submit', className: 'main', textContent: 'Send as a new version' }),
    make('button', { type: 'button', textContent: 'Cancel', onclick: back })));
  form.addEventListener('submit', event => {
    event.preventDefault();
    if (field.value.trim() && !request) {
      answer(add(parent(current, index), 'user', field.value));
    }
  });
  field.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      back();
    }
    sendByEnter(event, form);
  });
  byId(`message-${index}`).replaceChildren(make('h2', { textContent: 'You' }), form);
  field.focus();
}

// ---- answers --------------------------------------------------------------------------------------------------------

/** Has the model answer a message; a further version where it has answered already. */
async function answer(node) {
  const controller = new AbortController();
  showReplies([]);
  store();
  const asked = messages(current, node);
  const reply = add(node, 'assistant', '');
  request = controller;
  byId('message').focus();
  draw();
  say('The model is writing …');
  try {
    await stream('/v1/chat/completions', {
      model: byId('model').value,
      messages: asked,
      max_tokens: Number(byId('length').value),
      temperature: Number(byId('temperature').value),
      top_p: Number(byId('top-p').value)
    }, controller.signal, event => {
      reply.content += event.choices[0]?.delta?.content ?? '';
      show(reply);
    });
    say('');
    announce(`Model: ${reply.content}`);
  } catch (error) {
    if (controller.signal.aborted) {
      say('Stopped.');
    } else {
      say(error.message, true);
    }
  } finally {
    if (!reply.content) {
      node.children.splice(node.children.indexOf(reply), 1);
      node.shown = Math.max(0, node.children.length - 1);
    }
    request = null;
    store();
    list();
    draw();
  }
}

// ---- replies in the user's place ------------------------------------------------------------------------------------

function showReplies(texts) {
  byId('replies').hidden = texts.length === 0;
  byId('replies').replaceChildren(...texts.map((text, index) => make('li', {}, make('button', {
    id: `reply-${index}`, type: 'button', textContent: text, onclick: () => take(text)
  }))));
}

/** A reply is the user's own from here on, to be changed or sent. */
function take(text) {
  showReplies([]);
  byId('message').value = text;
  byId('message').focus();
}

/** What the model would say in the user's place: the conversation from the other side, whose persona is not known. */
async function written(asked, signal) {
  const texts = Array.from({ length: REPLIES }, () => '');
  await stream('/v1/chat/completions', {
    model: byId('model').value, messages: asked, n: REPLIES, max_tokens: REPLY_TOKENS,
    temperature: Number(byId('temperature').value), top_p: Number(byId('top-p').value)
  }, signal, event => {
    for (const choice of event.choices) {
      texts[choice.index] += choice.delta?.content ?? '';
    }
  });
  return [...new Set(texts.map(text => text.trim()).filter(Boolean))];
}

async function suggest() {
  const controller = new AbortController();
  const asked = turned(current);
  request = controller;
  draw();
  say('Replies are being written …');
  try {
    // Some templates want a user to begin, who from this side is the model.
    const texts = await written(asked, controller.signal).catch(error => {
      if (error instanceof ApiError && error.status === 400 && asked.length > 1) {
        return written(asked.slice(1), controller.signal);
      }
      throw error;
    });
    showReplies(texts);
    say(texts.length === 0 ? 'The model has no reply.' : `${texts.length} replies. One that is chosen can be changed.`);
  } catch (error) {
    say(controller.signal.aborted ? 'Stopped.' : error.message, !controller.signal.aborted);
  } finally {
    request = null;
    draw();
    (byId('reply-0') ?? byId('suggest')).focus();
  }
}

byId('suggest').addEventListener('click', suggest);

/** Writes on in the last message, and keeps its end in sight unless one has scrolled up. */
function show(reply) {
  const index = path(current).indexOf(reply);
  if (index < 0) {
    return;
  }
  const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
  byId(`message-${index}`).querySelector('.content').textContent = reply.content;
  if (atEnd) {
    scrollTo(0, document.documentElement.scrollHeight);
  }
}

function sendByEnter(event, form) {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
}

byId('form').addEventListener('submit', event => {
  event.preventDefault();
  const field = byId('message');
  if (!field.value.trim() || request) {
    return;
  }
  const shown = path(current);
  const message = add(shown.at(-1) ?? current.root, 'user', field.value);
  field.value = '';
  answer(message);
});
byId('message').addEventListener('keydown', event => sendByEnter(event, byId('form')));
byId('stop').addEventListener('click', () => request?.abort());
addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    request?.abort();
  }
});

// ---- conversations --------------------------------------------------------------------------------------------------

byId('persona').addEventListener('change', () => {
  current.persona = byId('persona').value;
  store();
});
byId('conversation').addEventListener('change', () => {
  open(conversations.find(each => each.id === byId('conversation').value) ?? current);
});
byId('new').addEventListener('click', () => {
  open(begun(newId()));
  byId('message').focus();
  say('A new conversation.');
});
byId('delete').addEventListener('click', () => {
  if (confirm(`Delete "${title(current)}" from this browser?`)) {
    conversations = conversations.filter(each => each !== current);
    open(conversations[0] ?? begun(newId()));
    say('Deleted.');
  }
});

function download(name, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  make('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  say(`Exported ${name}.`);
}

byId('markdown').addEventListener('click', () => download('conversation.md', 'text/markdown', markdown(current)));
byId('json').addEventListener('click', () => download('conversation.json', 'application/json',
  `${JSON.stringify({ persona: current.persona, messages: messages(current, path(current).at(-1)), tree: current.root },
    null, 2)}\n`));

// ---- the beginning --------------------------------------------------------------------------------------------------

async function begin() {
  keepSettings(SETTINGS, ['length', 'temperature', 'top-p', 'model']);
  showValues();
  byId('persona').value = current.persona;
  list();
  draw();
  try {
    const wanted = new URLSearchParams(location.search).get('model') ?? load(SETTINGS, {}).model;
    if ((await fillModels(byId('model'), wanted)).length === 0) {
      say('This server serves no model that writes texts.', true);
    }
  } catch (error) {
    say(error.message, true);
  }
}

begin();
