// Heat maps on a canvas that keys walk through, and strips of tokens.

import { make } from './common.js';

const LARGEST_CELL = 30;
const LEGIBLE = 11;
const FONT = '12px system-ui, "DejaVu Sans", sans-serif';

/** How a token is written where spaces and line ends must be seen. */
export function visible(token) {
  const text = token.text || token.token;
  return text.replace(/ /g, '·').replace(/\n/g, '⏎').replace(/\t/g, '⇥') || '∅';
}

/** A number of parts of a hundred. */
export const percent = value => `${(100 * value).toFixed(value < 0.0995 ? 2 : 1)} %`;

function color(name) {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map(at => parseInt(value.slice(at, at + 2), 16));
}

/** Draws values from 0 to the most; the square root shows small ones too. */
function paint(context, values, cell, left, top, most) {
  const paper = color('--paper');
  const ink = color('--accent');
  values.forEach((row, y) => [...row].forEach((value, x) => {
    const share = most > 0 ? Math.sqrt(Math.max(0, value) / most) : 0;
    context.fillStyle = `rgb(${paper.map((part, i) => Math.round(part + share * (ink[i] - part))).join(' ')})`;
    context.fillRect(left + x * cell, top + y * cell, cell, cell);
  }));
}

function sized(canvas, width, height) {
  const scale = devicePixelRatio || 1;
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  context.scale(scale, scale);
  return context;
}

/** Draws a small map without labels. */
export function thumbnail(canvas, values, size) {
  const context = sized(canvas, size, size);
  const most = values.reduce((all, row) => row.reduce((a, b) => Math.max(a, b), all), 0);
  paint(context, values, size / values.length, 0, 0, most);
}

/** A map with a cell that is chosen by arrows or the pointer. */
export class HeatMap {
  #canvas;
  #hear;
  #map = null;
  #cell = 0;
  #left = 0;
  #top = 0;
  row = 0;
  column = 0;

  /** @param hear is told of the row and column that are chosen, and of the value there */
  constructor(canvas, hear) {
    this.#canvas = canvas;
    this.#hear = hear;
    canvas.addEventListener('keydown', event => this.#key(event));
    canvas.addEventListener('pointerdown', event => this.#point(event));
    canvas.addEventListener('pointermove', event => event.buttons === 1 && this.#point(event));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
    new ResizeObserver(() => this.draw()).observe(canvas.parentElement);
  }

  /** Shows values with names of rows and columns. */
  show(values, rows, columns, most) {
    this.#map = { values, rows, columns, most };
    this.row = Math.min(this.row, rows.length - 1);
    this.column = Math.min(this.column, columns.length - 1);
    this.draw();
  }

  choose(row, column) {
    const { rows, columns, values } = this.#map;
    this.row = Math.max(0, Math.min(rows.length - 1, row));
    this.column = Math.max(0, Math.min(columns.length - 1, column));
    this.draw();
    this.#hear(this.row, this.column, values[this.row][this.column]);
  }

  draw() {
    const room = this.#canvas.parentElement.clientWidth;
    if (!this.#map || room === 0) {
      return; // it is drawn when it comes to sight
    }
    const { values, rows, columns, most } = this.#map;
    const measure = this.#canvas.getContext('2d');
    measure.font = FONT;
    const longest = names => Math.ceil(Math.min(120,
      Math.max(...names.map(name => measure.measureText(name).width)) + 8));
    const labels = [longest(rows), longest(columns)];
    const fits = Math.floor((room - labels[0] - 4) / columns.length);
    const labelled = Math.max(fits, columns.length <= 64 ? LEGIBLE : 0) >= LEGIBLE;
    this.#cell = Math.max(labelled ? LEGIBLE : 2, Math.min(LARGEST_CELL, fits));
    this.#left = labelled ? labels[0] : 1;
    this.#top = labelled ? labels[1] : 1;
    const context = sized(this.#canvas, this.#left + columns.length * this.#cell + 2,
      this.#top + rows.length * this.#cell + 2);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    paint(context, values, this.#cell, this.#left, this.#top, most);
    if (labelled) {
      this.#label(context, rows, columns);
    }
    context.strokeStyle = `rgb(${color('--line').join(' ')})`;
    context.strokeRect(this.#left - .5, this.#top - .5, columns.length * this.#cell + 1, rows.length * this.#cell + 1);
    context.strokeStyle = `rgb(${color('--chosen').join(' ')})`;
    context.lineWidth = 2;
    context.strokeRect(this.#left + this.column * this.#cell, this.#top + this.row * this.#cell,
      this.#cell, this.#cell);
  }

  #label(context, rows, columns) {
    const plain = `rgb(${color('--faint').join(' ')})`;
    const strong = `rgb(${color('--ink').join(' ')})`;
    context.font = FONT;
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    rows.forEach((name, y) => {
      context.fillStyle = y === this.row ? strong : plain;
      context.fillText(name, this.#left - 5, this.#top + (y + .5) * this.#cell, this.#left - 6);
    });
    context.textAlign = 'left';
    columns.forEach((name, x) => {
      context.save();
      context.translate(this.#left + (x + .5) * this.#cell, this.#top - 5);
      context.rotate(-Math.PI / 2);
      context.fillStyle = x === this.column ? strong : plain;
      context.fillText(name, 0, 0, this.#top - 6);
      context.restore();
    });
  }

  #key(event) {
    const steps = {
      ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0],
      PageDown: [10, 0], Home: [0, -Infinity], End: [0, Infinity]
    };
    const step = steps[event.key];
    if (step && this.#map && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.choose(this.row + step[0], this.column + step[1]);
    }
  }

  #point(event) {
    const box = this.#canvas.getBoundingClientRect();
    if (this.#map) {
      this.choose(Math.floor((event.clientY - box.top - this.#top) / this.#cell),
        Math.floor((event.clientX - box.left - this.#left) / this.#cell));
    }
  }
}

/** Tokens in a row, of which one is chosen by arrows or a click. */
export class Strip {
  #list;
  #hear;
  chosen = 0;

  constructor(list, label, hear) {
    this.#list = list;
    this.#hear = hear;
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-orientation', 'horizontal');
    list.setAttribute('aria-label', label);
    list.tabIndex = 0;
    list.addEventListener('keydown', event => this.#key(event));
    list.addEventListener('click', event => {
      const at = [...list.children].indexOf(event.target.closest('[role=option]'));
      if (at >= 0) {
        this.choose(at);
      }
    });
  }

  show(tokens) {
    this.chosen = Math.min(this.chosen, tokens.length - 1);
    this.#list.replaceChildren(...tokens.map((token, index) => {
      const option = make('span', {
        id: `${this.#list.id}-${index}`, textContent: visible(token), className: token.special ? 'special' : ''
      });
      option.setAttribute('role', 'option');
      return option;
    }));
    this.#mark();
  }

  /** Colors each token by a share from 0 to 1. */
  heat(shares) {
    [...this.#list.children].forEach((option, index) =>
      option.style.setProperty('--share', `${(100 * Math.max(0, Math.min(1, shares[index] ?? 0))).toFixed(1)}%`));
  }

  choose(index, tell = true) {
    this.chosen = Math.max(0, Math.min(this.#list.children.length - 1, index));
    this.#mark();
    if (tell) {
      this.#hear(this.chosen);
    }
  }

  #mark() {
    [...this.#list.children].forEach((option, index) =>
      option.setAttribute('aria-selected', String(index === this.chosen)));
    const option = this.#list.children[this.chosen];
    if (option) {
      this.#list.setAttribute('aria-activedescendant', option.id);
      if (document.activeElement === this.#list) {
        option.scrollIntoView({ block: 'nearest' });
      }
    }
  }

  #key(event) {
    const to = {
      ArrowRight: this.chosen + 1, ArrowLeft: this.chosen - 1, ArrowDown: this.chosen + 10,
      ArrowUp: this.chosen - 10, Home: 0, End: Infinity
    }[event.key];
    if (to !== undefined && this.#list.children.length > 0) {
      event.preventDefault();
      this.choose(to);
    }
  }
}

/** Rows of a name, a bar and a number: [{name, share, value, marked}]. */
export function bars(rows, names) {
  const table = make('table', { className: 'bars' });
  const head = make('tr');
  names.forEach(name => head.append(make('th', { scope: 'col', textContent: name })));
  table.append(make('thead', {}, head), make('tbody', {}, ...rows.map(row => {
    const bar = make('span', { className: 'bar' });
    bar.style.setProperty('--share', `${(100 * Math.max(0, Math.min(1, row.share))).toFixed(1)}%`);
    const name = make('th', { scope: 'row' }, make('span', { className: 'token', textContent: row.name }));
    return make('tr', { className: row.marked ? 'marked' : '' }, name, make('td', {}, bar),
      make('td', { className: 'number', textContent: row.value }));
  })));
  return table;
}

/** A plain table of texts; the first cell of a row is its name. */
export function table(names, rows) {
  const head = make('tr');
  names.forEach(name => head.append(make('th', { scope: 'col', textContent: name })));
  return make('table', { className: 'plain-table' }, make('thead', {}, head), make('tbody', {}, ...rows.map(row =>
    make('tr', {}, ...row.map((cell, index) => index === 0
      ? make('th', { scope: 'row', textContent: cell }) : make('td', { textContent: cell }))))));
}

/** Fills a part of the page that is folded when it is unfolded, and again when it was filled anew meanwhile. */
export function unfolding(details, content) {
  const fill = () => {
    const summary = details.querySelector('summary');
    details.replaceChildren(summary, ...details.open
      ? [make('div', { className: 'scroll', tabIndex: 0 }, content())] : []);
  };
  details.ontoggle = fill;
  fill();
}
