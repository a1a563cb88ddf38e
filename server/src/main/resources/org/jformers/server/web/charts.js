// Curves as SVG that keys walk along.

import { make } from './common.js';

const SPACE = 'http://www.w3.org/2000/svg';
const LEFT = 58;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 26;
/** Points that are drawn of a line; the extremes of each stretch stay. */
const MOST_POINTS = 1200;

function draw(name, attributes, ...children) {
  const element = document.createElementNS(SPACE, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  element.append(...children);
  return element;
}

/** A number as short as it says enough. */
export function short(value) {
  if (!Number.isFinite(value)) {
    return String(value);
  }
  const size = Math.abs(value);
  if (size >= 1e4) {
    return Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 }).format(value);
  }
  return size > 0 && size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

/** Seconds as a time that one reads. */
export function duration(seconds) {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = part => String(part).padStart(2, '0');
  return parts[0] > 0 ? `${parts[0]}:${two(parts[1])}:${two(parts[2])}` : `${parts[1]}:${two(parts[2])}`;
}

/** A mean in which what is past counts less and less, with no pull toward its beginning. */
export function smoothed(points, share) {
  let sum = 0;
  let weight = 0;
  return share === 0 ? points : points.map(([x, y]) => {
    if (!Number.isFinite(y)) {
      return [x, y];
    }
    sum = share * sum + (1 - share) * y;
    weight = share * weight + 1 - share;
    return [x, sum / weight];
  });
}

/** As many points as a screen shows: the least and the most of each stretch. */
export function thinned(points) {
  if (points.length <= MOST_POINTS) {
    return points;
  }
  const kept = [points[0]];
  const stretches = MOST_POINTS / 2;
  for (let stretch = 0; stretch < stretches; stretch++) {
    const part = points.slice(Math.floor(points.length * stretch / stretches),
      Math.floor(points.length * (stretch + 1) / stretches));
    const known = part.filter(point => Number.isFinite(point[1]));
    const least = known.reduce((a, b) => b[1] < a[1] ? b : a, known[0]);
    const most = known.reduce((a, b) => b[1] > a[1] ? b : a, known[0]);
    kept.push(...part.filter(point => point === least || point === most || !Number.isFinite(point[1])));
  }
  kept.push(points.at(-1));
  return kept;
}

function steps(from, to, count) {
  const rough = (to - from) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find(each => each * power >= rough) * power;
  const found = [];
  for (let at = Math.ceil(from / step - 1e-9) * step; at <= to + step * 1e-9; at += step) {
    found.push(Math.abs(at) < step * 1e-9 ? 0 : at);
  }
  return found;
}

function powers(from, to) {
  const found = [];
  const many = to / from > 1e4;
  for (let power = 10 ** Math.floor(Math.log10(from)); power <= to; power *= 10) {
    found.push(...(many ? [1] : to / from < 20 ? [1, 1.5, 2, 3, 4, 5, 7] : [1, 2, 5]).map(each => each * power));
  }
  return found.filter(each => each >= from && each <= to);
}

/** A chart of some lines, one place of which is chosen by arrows or the pointer. */
export class Chart {
  #svg = draw('svg', { 'aria-hidden': 'true' });
  #figure;
  #box;
  #told;
  #data = null;
  #cursor = null;

  /** @param title of the chart; @param wide whether it takes a whole row */
  constructor(title, wide) {
    this.#box = make('div', { className: 'chart', tabIndex: 0 }, this.#svg);
    this.#box.setAttribute('role', 'application');
    this.#box.setAttribute('aria-roledescription', 'chart');
    this.#box.setAttribute('aria-label', title);
    this.#told = make('p', { className: 'cell' });
    this.#told.setAttribute('aria-live', 'polite');
    this.#figure = make('figure', { className: wide ? 'wide' : '' }, make('figcaption', { textContent: title }),
      this.#box, this.#told);
    this.#box.addEventListener('keydown', event => this.#key(event));
    this.#box.addEventListener('pointermove', event => this.#point(event));
    this.#box.addEventListener('pointerleave', () => this.#choose(null));
    this.#box.addEventListener('blur', () => this.#choose(null));
    new ResizeObserver(() => this.#draw()).observe(this.#box);
  }

  get element() {
    return this.#figure;
  }

  /**
   * Shows lines.
   *
   * @param lines [{name, style, points: [[x, y]], faint}], in classes of a style; faint ones are behind and not told
   * @param x how values of the axis are written
   * @param logarithmic whether the other axis is, where all values are above 0
   */
  show(lines, x, logarithmic) {
    const drawn = lines.map(line => ({ ...line, points: thinned(line.points) }));
    const known = drawn.flatMap(line => line.points.filter(point => point.every(Number.isFinite)));
    const ys = known.map(point => point[1]);
    this.#data = {
      lines: drawn, x, known: known.length,
      logarithmic: logarithmic && ys.every(y => y > 0),
      xs: [known.reduce((a, [at]) => Math.min(a, at), Infinity), known.reduce((a, [at]) => Math.max(a, at), -Infinity)],
      ys: [ys.reduce((a, b) => Math.min(a, b), Infinity), ys.reduce((a, b) => Math.max(a, b), -Infinity)]
    };
    this.#draw();
  }

  #scales() {
    const { xs, ys, logarithmic } = this.#data;
    const width = this.#box.clientWidth;
    const height = this.#box.clientHeight;
    const scale = logarithmic ? Math.log : value => value;
    let [low, high] = ys.map(scale);
    // What differs by rounding alone is flat.
    const span = high - low > 1e-6 * Math.abs(high) ? high - low : 0;
    const room = (span || Math.abs(high) * 0.1 || 1) * 0.05;
    low -= room;
    high += room;
    const right = xs[1] === xs[0] ? xs[0] + 1 : xs[1];
    return {
      width, height, right,
      x: value => LEFT + (value - xs[0]) / (right - xs[0]) * (width - LEFT - RIGHT),
      y: value => TOP + (high - scale(value)) / (high - low) * (height - TOP - BOTTOM),
      bounds: logarithmic ? [Math.exp(low), Math.exp(high)] : [low, high]
    };
  }

  #draw() {
    if (!this.#data || this.#box.clientWidth === 0) {
      return;
    }
    this.#svg.replaceChildren();
    if (this.#data.known === 0) {
      return;
    }
    const scales = this.#scales();
    const { width, height, right, x, y, bounds } = scales;
    this.#svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const axes = draw('g', { class: 'axes' });
    for (const at of this.#data.logarithmic ? powers(...bounds) : steps(...bounds, 5)) {
      if (y(at) < TOP || y(at) > height - BOTTOM) {
        continue;
      }
      axes.append(draw('path', { d: `M${LEFT} ${y(at)}H${width - RIGHT}` }),
        draw('text', { x: LEFT - 6, y: y(at) + 4, 'text-anchor': 'end' }, short(at)));
    }
    for (const at of steps(this.#data.xs[0], right, Math.max(3, Math.floor(width / 130)))) {
      const edge = x(at) > width - 3 * RIGHT;
      axes.append(draw('text', { x: edge ? width - 1 : x(at), y: height - 8, 'text-anchor': edge ? 'end' : 'middle' },
        this.#data.x(at)));
    }
    this.#svg.append(axes);
    for (const line of [...this.#data.lines].sort((a, b) => (b.faint ?? 0) - (a.faint ?? 0))) {
      this.#svg.append(draw('path', { class: `line ${line.style}${line.faint ? ' faint' : ''}`, d: path(line, x, y) }));
      if (line.points.length === 1 && line.points[0].every(Number.isFinite)) {
        const [one] = line.points;
        this.#svg.append(draw('circle', { class: `dot ${line.style}`, cx: x(one[0]), cy: y(one[1]), r: 3 }));
      }
    }
    this.#mark(scales);
  }

  /** What is nearest to the chosen place in each line that reaches it. */
  #near() {
    return this.#data.lines.filter(line => !line.faint && line.points.length > 0
      && line.points[0][0] <= this.#cursor && this.#cursor <= line.points.at(-1)[0]).map(line => ({
      line, point: line.points.reduce((a, b) => Math.abs(b[0] - this.#cursor) < Math.abs(a[0] - this.#cursor) ? b : a)
    }));
  }

  #mark({ x, y, height }) {
    this.#svg.querySelector('.cursor')?.remove();
    if (this.#cursor === null) {
      this.#told.textContent = '';
      return;
    }
    const near = this.#near();
    const group = draw('g', { class: 'cursor' },
      draw('path', { d: `M${x(this.#cursor)} ${TOP}V${height - BOTTOM}` }));
    for (const { line, point } of near) {
      if (point.every(Number.isFinite)) {
        group.append(draw('circle', { class: `dot ${line.style}`, cx: x(point[0]), cy: y(point[1]), r: 4 }));
      }
    }
    this.#svg.append(group);
    this.#told.textContent = `${this.#data.x(this.#cursor)}: `
      + near.map(({ line, point }) => `${line.name} ${short(point[1])}`).join(', ');
  }

  #choose(place) {
    this.#cursor = place;
    if (this.#data?.known > 0 && this.#box.clientWidth > 0) {
      this.#mark(this.#scales());
    }
  }

  #places() {
    return [...new Set(this.#data.lines.filter(line => !line.faint)
      .flatMap(line => line.points.map(point => point[0])))].sort((a, b) => a - b);
  }

  #key(event) {
    if (!this.#data?.known || !['ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End'].includes(event.key)) {
      return;
    }
    event.preventDefault();
    const places = this.#places();
    const now = this.#cursor === null ? -1
      : places.reduce((best, place, index) => Math.abs(place - this.#cursor) < Math.abs(places[best] - this.#cursor)
        ? index : best, 0);
    const leap = Math.ceil(places.length / 20);
    const to = {
      ArrowLeft: this.#cursor === null ? places.length - 1 : now - 1, ArrowRight: now + 1, PageUp: now + leap,
      PageDown: now - leap, Home: 0, End: places.length - 1
    }[event.key];
    this.#choose(places[Math.max(0, Math.min(places.length - 1, to))]);
  }

  #point(event) {
    if (this.#data?.known) {
      const { xs } = this.#data;
      const box = this.#box.getBoundingClientRect();
      const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
      const wanted = xs[0] + Math.max(0, Math.min(1, share)) * (xs[1] - xs[0]);
      this.#choose(this.#places().reduce((a, b) => Math.abs(b - wanted) < Math.abs(a - wanted) ? b : a));
    }
  }
}

function path(line, x, y) {
  let open = false;
  return line.points.map(([at, value]) => {
    if (!Number.isFinite(at) || !Number.isFinite(value)) {
      open = false;
      return '';
    }
    const command = open ? 'L' : 'M';
    open = true;
    return `${command}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
  }).join('');
}
