// What the pages have in common: requests with the server's key, streams, models, notes.

const KEY = 'jformers.key';

/** An error that the server told. */
export class ApiError extends Error {
  constructor(status, error) {
    super(error.message ?? `status ${status}`);
    this.status = status;
    this.code = error.code ?? '';
  }
}

export const byId = id => document.getElementById(id);

/** Makes an element with properties and children. */
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** Asks for the key in a dialog; false if nobody gives one. */
function askForKey() {
  const dialog = make('dialog', { className: 'key' });
  const field = make('input', { type: 'password', id: 'key', autocomplete: 'off', required: true });
  const form = make('form', {},
    make('h2', { id: 'key-title', textContent: 'API key' }),
    make('label', { htmlFor: 'key', textContent: 'This server wants a key. It is kept until the tab is closed.' }),
    field,
    make('div', { className: 'row' },
      make('button', { type: 'submit', className: 'main', textContent: 'Use it' }),
      make('button', { type: 'button', textContent: 'Cancel', onclick: () => dialog.close() })));
  dialog.setAttribute('aria-labelledby', 'key-title');
  dialog.append(form);
  document.body.append(dialog);
  return new Promise(resolve => {
    let given = false;
    form.addEventListener('submit', event => {
      event.preventDefault();
      sessionStorage.setItem(KEY, field.value.trim());
      given = true;
      dialog.close();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(given);
    });
    dialog.showModal();
  });
}

let asking = null;

/** The answer to a request; asks for a key where one is wanted. Throws ApiError. */
export async function call(method, path, body, signal) {
  for (;;) {
    const headers = {};
    const key = sessionStorage.getItem(KEY);
    if (key) {
      headers.Authorization = `Bearer ${key}`;
    }
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
    }
    const response = await fetch(path, {
      method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body)
    });
    if (response.ok) {
      return response;
    }
    const told = await response.json().then(json => json.error ?? {}, () => ({}));
    if (response.status === 401) {
      asking ??= askForKey().finally(() => { asking = null; });
      if (await asking) {
        continue;
      }
    }
    throw new ApiError(response.status, told);
  }
}

/** Posts a request and hands on each event of its stream. */
export async function stream(path, body, signal, hear) {
  const response = await call('POST', path, { ...body, stream: true }, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      throw new Error('The answer broke off.');
    }
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line === 'data: [DONE]') {
        return;
      }
      if (line.startsWith('data: ')) {
        const event = JSON.parse(line.slice(6));
        if (event.error) {
          throw new ApiError(response.status, event.error);
        }
        hear(event);
      }
    }
  }
}

/** Fills a select with the models that write texts, or others; one of a name is chosen if it is there. */
export async function fillModels(select, wanted, fits = model => model.task === 'text-generation') {
  const list = await (await call('GET', '/v1/models')).json();
  const names = list.data.filter(fits).map(model => model.id);
  select.replaceChildren(...names.map(name => make('option', { value: name, textContent: name })));
  if (names.includes(wanted)) {
    select.value = wanted;
  }
  return names;
}

/** Says something to everybody: in a line of the page, which screen readers read out. */
export function say(text, isError = false) {
  const status = byId('status');
  status.textContent = text;
  status.classList.toggle('error', isError);
}

/** Shows the value of each slider beside it. */
export function showValues() {
  for (const slider of document.querySelectorAll('input[type=range]')) {
    const output = document.querySelector(`output[for=${slider.id}]`);
    const show = () => {
      const text = slider.value + (slider.dataset.unit ?? '');
      output.textContent = text;
      slider.setAttribute('aria-valuetext', text);
    };
    slider.addEventListener('input', show);
    show();
  }
}

/** Keeps what was chosen in fields in this browser. */
export function keepSettings(name, ids) {
  const kept = load(name, {});
  for (const id of ids) {
    if (kept[id] !== undefined) {
      byId(id).value = kept[id];
    }
    byId(id).addEventListener('change', () => {
      keep(name, Object.fromEntries(ids.map(each => [each, byId(each).value])));
    });
  }
}

/** What this browser keeps under a name. */
export function load(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    say('This browser keeps nothing: its storage is full or off.', true);
  }
}
